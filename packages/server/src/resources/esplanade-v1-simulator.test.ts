import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { goodPolicy, startTestServer, type TestServer } from '../testing/test-server.ts';

const simulator = '/api/esplanade/v1/simulator';
const sas = '/api/security/ipsec/security-associations';
const policies = '/api/security/ipsec/policies';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
  await ask('PATCH', '/api/security/ipsec', { enabled: true });
});
afterEach(() => server.close());

/** The body of a request that is answered well. */
async function ask(method: string, path: string, body?: object) {
  const answer = await server.request(method, path, body, { accept: 'application/json' });
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer.body;
}

const faults = async (): Promise<readonly { uuid: string; kind: string }[]> =>
  (await ask('GET', `${simulator}/faults`)).records;

const espSas = async () =>
  (await ask('GET', `${sas}?type=ipsec&fields=remote_address,ipsec`)).records.map(
    (record: { remote_address: string; ipsec: { inbound: { security_parameter_index: string } } }) => ({
      remote: record.remote_address,
      spi: record.ipsec.inbound.security_parameter_index,
    }),
  );

describe('the simulator', () => {
  it('brings SAs up, rekeys them and ends them, by the name of their policy', async () => {
    await ask('POST', policies, goodPolicy);
    await expect.poll(() => espSas()).toHaveLength(1);
    const [before] = await espSas();
    const policy = { policy: { name: 'nfs' }, svm: { name: 'svm1' } };
    const rekeyed = await ask('POST', `${simulator}/rekey`, policy);
    expect(rekeyed).toMatchObject({ policy: { name: 'nfs' }, security_associations: { count: 1 } });
    const after = { remote: '192.0.2.2', spi: expect.not.stringContaining(before.spi) };
    await expect.poll(async () => (await espSas())[0]).toMatchObject(after);
    expect(await ask('POST', `${simulator}/up`, policy)).toMatchObject({
      security_associations: { count: 2 },
    });
    expect(await ask('POST', `${simulator}/down`, policy)).toMatchObject({
      security_associations: { count: 0 },
    });
    await expect.poll(() => espSas()).toEqual([]);
    expect((await ask('GET', policies)).num_records).toBe(1);
  });

  it('knows a policy by its UUID, and one of the cluster by the name of that', async () => {
    const { location } = (await server.request('POST', policies, goodPolicy)).headers;
    await ask('POST', policies, { ...goodPolicy, svm: undefined, scope: 'cluster', action: 'bypass' });
    await expect.poll(() => espSas()).toHaveLength(1);
    const up = (body: object) => server.request('POST', `${simulator}/up`, body);
    expect((await up({ policy: { name: 'nfs' } })).body.error).toMatchObject({ code: '262185' });
    const byUuid = await ask('POST', `${simulator}/up`, { policy: { uuid: location?.split('/').at(-1) } });
    expect(byUuid).toMatchObject({ svm: { name: 'svm1' }, security_associations: { count: 2 } });
    const { cluster } = server.parts.desired.snapshot();
    const ofCluster = await up({ policy: { name: 'nfs' }, svm: { name: cluster.name } });
    expect(ofCluster.body.error).toMatchObject({ code: '990004' });
    expect((await up({})).body.error).toMatchObject({ code: '262278', target: 'policy.name' });
  });

  it('has to be told which of many hosts', async () => {
    const remote_endpoint = { address: '192.0.2.128', netmask: '25' };
    const { location } = (await server.request('POST', policies, { ...goodPolicy, remote_endpoint })).headers;
    const policy = { policy: { name: 'nfs', uuid: location?.split('/').at(-1) } };
    const unsaid = await server.request('POST', `${simulator}/up`, policy);
    expect(unsaid.body.error).toMatchObject({ code: '262278', target: 'remote_address' });
    await ask('POST', `${simulator}/up`, { ...policy, remote_address: '192.0.2.200' });
    expect((await ask('GET', `${simulator}/peers`)).records).toEqual([
      {
        ipspace: { name: 'Default', uuid: expect.any(String) },
        remote_address: '192.0.2.200',
        ike_sas: { count: 1 },
        child_sas: { count: 1 },
      },
    ]);
  });

  it('fails where it is told to, says so with the policy, and mends when the fault is deleted', async () => {
    await ask('POST', `${simulator}/faults`, { kind: 'NO-PROPOSAL', remote_address: '192.0.2.2' });
    await ask('POST', policies, goodPolicy);
    const state = '/api/esplanade/v1/policies?fields=last_failure';
    const lastFailure = async () => (await ask('GET', state)).records[0].last_failure;
    await expect.poll(lastFailure).toContain('NO_PROPOSAL_CHOSEN');
    expect((await ask('GET', `${simulator}/peers`)).records[0].fault).toBe('no_proposal');
    await ask('DELETE', `${simulator}/faults?kind=no_proposal`);
    expect(await faults()).toEqual([]);
    await expect.poll(() => espSas()).toHaveLength(1);
  });

  it('can be gone, and comes back with everything', async () => {
    await ask('POST', policies, goodPolicy);
    await ask('POST', `${simulator}/faults`, { kind: 'daemon_down' });
    const readiness = async () => (await server.request('GET', '/readyz')).status;
    await expect.poll(() => readiness()).toBe(503);
    const [fault] = await faults();
    await ask('DELETE', `${simulator}/faults/${fault?.uuid}`);
    await expect.poll(() => readiness()).toBe(200);
    await expect.poll(() => espSas()).toHaveLength(1);
  });

  it('has a clock that is set and stopped, and begins anew when it is reset', async () => {
    await ask('POST', policies, goodPolicy);
    await expect.poll(() => espSas()).toHaveLength(1);
    await ask('PATCH', simulator, { clock: { ahead: 3600, running: false } });
    const set = await ask('GET', simulator);
    expect(set.clock).toMatchObject({ running: false });
    expect((await ask('GET', simulator)).clock.time).toBe(set.clock.time);
    const esp = `${sas}?type=ipsec&fields=ipsec`;
    const inbound = async () => (await ask('GET', esp)).records[0].ipsec.inbound.packets;
    await expect.poll(inbound).toBeGreaterThanOrEqual(36_000);
    await ask('POST', `${simulator}/faults`, { kind: 'hang' });
    expect(await ask('POST', `${simulator}/reset`, {})).toMatchObject({
      clock: { ahead: 0, running: true },
      faults: { count: 0 },
    });
    await expect.poll(() => espSas()).toHaveLength(1);
  });

  it('takes SAs in the place of those of the seed', async () => {
    await ask('PATCH', simulator, { security_associations: [{ uuid: 'seeded', type: 'ike' }] });
    expect((await ask('GET', simulator)).seeded.count).toBe(1);
    await expect.poll(async () => (await ask('GET', sas)).records).toMatchObject([{ uuid: 'seeded' }]);
  });

  it('is in the audit log with all that was done to it', async () => {
    await ask('POST', `${simulator}/faults`, { kind: 'hang' });
    const audited = await server.parts.desired.readAudit({ limit: 5, order: 'newest-first' });
    expect(audited.map(({ entry }) => entry).join('\n')).toContain(`${simulator}/faults`);
    await ask('DELETE', `${simulator}/faults?kind=hang`);
  });

  it.each([
    ['daemon_down', 'the simulated daemon is down'],
    ['hang', 'the simulated daemon does not answer'],
  ])('brings nothing up while its daemon has the fault %s, and says so', async (kind, why) => {
    await ask('POST', policies, goodPolicy);
    await expect.poll(() => espSas()).toHaveLength(1);
    await ask('POST', `${simulator}/faults`, { kind });
    for (const verb of ['up', 'down', 'rekey']) {
      const { status, body } = await server.request('POST', `${simulator}/${verb}`, {
        policy: { name: 'nfs' },
      });
      expect({ status, message: body.error.message }).toEqual({
        status: 409,
        message: expect.stringContaining(`Policy "nfs": ${why}.`),
      });
    }
  });

  it('takes no host that the policy is not about', async () => {
    const { headers } = await server.request('POST', policies, goodPolicy);
    const policy = { name: 'nfs', uuid: headers['location']?.split('/').at(-1) };
    await expect.poll(() => espSas()).toHaveLength(1);
    const up = (remote_address: string) =>
      server.request('POST', `${simulator}/up`, { policy, remote_address });
    for (const outside of ['::1', '0.0.0.0', '192.0.2.9'])
      expect((await up(outside)).body.error).toMatchObject({ code: '262197', target: 'remote_address' });
    expect((await up('192.0.2.2')).status).toBe(200);
  });

  it('takes the SVM of no policy for nothing that a fault could be of', async () => {
    const of = async (body: object) => (await server.request('POST', `${simulator}/faults`, body)).body.error;
    const svm = { name: 'zzz' };
    expect(await of({ kind: 'hang', svm })).toMatchObject({ code: '262186', target: 'svm.name' });
    expect(await of({ kind: 'refuse', svm })).toMatchObject({ code: '262186', target: 'svm.name' });
  });

  it('tells the first problems of a seed, in words that steer no terminal', async () => {
    const records = Array.from({ length: 5000 }, () => ({ '\x1b[2J': 1 }));
    const answer = await server.request('PATCH', simulator, { security_associations: records });
    expect(answer.status).toBe(400);
    expect(answer.text.length).toBeLessThan(10_000);
    expect(JSON.stringify(answer.body)).toContain('other problems like these');
    expect(answer.body.error.message).not.toContain('\x1b');
  });
});
