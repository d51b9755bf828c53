import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { goodPolicy, startTestServer, type TestServer } from '../testing/test-server.ts';

const cli = '/api/private/cli/security/ipsec';
const rest = '/api/security/ipsec/security-associations';
const plain = { accept: 'application/json' };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.request('PATCH', '/api/security/ipsec', { enabled: true });
  await server.request('POST', '/api/security/ipsec/policies', goodPolicy);
  await server.request('POST', '/api/security/ipsec/policies', {
    ...goodPolicy,
    name: 'wide',
    scope: 'cluster',
    remote_endpoint: { address: '192.0.2.3', netmask: '32' },
  });
  await vi.waitFor(async () => expect((await read(rest)).num_records).toBe(4), { timeout: 10_000 });
});
afterAll(() => server.close());

async function read(url: string) {
  return (await server.request('GET', url, undefined, plain)).body;
}

describe('security ipsec show-ikesa', () => {
  it('shows the IKE SAs and no others, by what tells them apart', async () => {
    const { cluster, node } = server.parts.desired.snapshot();
    const { records } = await read(`${cli}/ikesa?order_by=policy_name`);
    const spi = expect.stringMatching(/^[0-9a-f]{16}$/);
    const common = { node: node.name, local_address: '192.0.2.1', initiator_spi: spi };
    expect(records).toEqual([
      { ...common, vserver: 'svm1', policy_name: 'nfs', remote_address: '192.0.2.2' },
      { ...common, vserver: cluster.name, policy_name: 'wide', remote_address: '192.0.2.3' },
    ]);
  });

  it('shows in its columns what REST shows', async () => {
    const names = 'responder-spi,is-initiator,ike-version,auth-method,state,cipher-suite,lifetime';
    const { records } = await read(`${cli}/ikesa?policy-name=nfs&fields=${names}`);
    const [ike] = (await read(`${rest}?type=ike&policy_name=nfs&fields=*`)).records;
    expect(records).toMatchObject([
      {
        initiator_spi: ike.ike.initiator_security_parameter_index,
        responder_spi: ike.ike.responder_security_parameter_index,
        is_initiator: true,
        ike_version: 2,
        auth_method: 'psk',
        state: 'established',
        cipher_suite: 'suiteb_gcm256',
        lifetime: 86_400,
      },
    ]);
  });

  it.each(['state=ESTABLISHED', 'cipher-suite=SUITEB-GCM256', 'auth_method=PSK', 'remote_address=192.0.2.2'])(
    'is found by %s',
    async (filter) => {
      const { records } = await read(`${cli}/ikesa?${filter}&policy_name=nfs`);
      expect(records).toHaveLength(1);
    },
  );
});

describe('security ipsec show-ipsecsa', () => {
  it('shows the ESP SAs, their counters where they are asked for', async () => {
    const names = 'outbound_spi,action,state,lifetime,inbound_packets,outbound-bytes,inbound_offload_bytes';
    const { records } = await read(`${cli}/ipsecsa?vserver=svm1&fields=${names}`);
    const [esp] = (await read(`${rest}?type=ipsec&svm.name=svm1&fields=*`)).records;
    expect(records).toMatchObject([
      {
        policy_name: 'nfs',
        inbound_spi: esp.ipsec.inbound.security_parameter_index,
        outbound_spi: esp.ipsec.outbound.security_parameter_index,
        action: 'esp_tra',
        state: 'installed',
        lifetime: 28_800,
        inbound_packets: expect.any(Number),
        outbound_bytes: expect.any(Number),
        inbound_offload_bytes: 0,
      },
    ]);
    expect((await read(`${cli}/ipsecsa?action=ESP-TRA`)).num_records).toBe(2);
  });

  it('shows an SVM only its own', async () => {
    const tunnelled = { ...plain, 'x-dot-svm-name': 'svm1' };
    const { body } = await server.request('GET', `${cli}/ipsecsa`, undefined, tunnelled);
    expect(body.records).toMatchObject([{ vserver: 'svm1' }]);
  });

  it('is for reading only, and has no offload counters before 9.16.1', async () => {
    const { headers } = await server.request('OPTIONS', `${cli}/ipsecsa`);
    expect(headers['allow']).toBe('GET, HEAD, OPTIONS');
    const old = await startTestServer('--ontap-version', '9.15.1');
    const { body } = await old.request('GET', `${cli}/ipsecsa?fields=inbound_offload_bytes`);
    expect(body.error).toMatchObject({ code: '262197', target: 'fields' });
    await old.close();
  });
});
