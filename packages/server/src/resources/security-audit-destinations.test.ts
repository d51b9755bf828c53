import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { issueCertificate } from '@esplanade/domain/testing/certificates';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

const destinations = '/api/security/audit/destinations';

describe('/security/audit/destinations', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  const post = (body: unknown, query = '') => server.request('POST', `${destinations}${query}`, body);

  it('fills in what ONTAP does, and is found by address and port', async () => {
    const { status, headers } = await post({ address: '192.0.2.9' });
    expect([status, headers['location']]).toEqual([201, `${destinations}/192.0.2.9/514`]);
    const { body } = await server.request('GET', `${destinations}/192.0.2.9/514`);
    expect(body).toEqual({
      address: '192.0.2.9',
      port: 514,
      protocol: 'udp_unencrypted',
      facility: 'kern',
      verify_server: false,
      _links: { self: { href: `${destinations}/192.0.2.9/514` } },
    });
    const listed = await server.request('GET', `${destinations}?address=192.0.2.9&port=514&fields=*`);
    expect(listed.body).toMatchObject({ num_records: 1, records: [{ protocol: 'udp_unencrypted' }] });
  });

  it('takes an encrypted one, whose server has to prove itself unless it is said otherwise', async () => {
    const given = { address: '2001:db8::9', protocol: 'tcp_encrypted' };
    expect((await post(given, '?force=true')).status).toBe(201);
    const place = `${destinations}/2001:db8::9/6514`;
    expect((await server.request('GET', place)).body).toMatchObject({ port: 6514, verify_server: true });
    const body = { verify_server: false, facility: 'local3' };
    expect((await server.request('PATCH', place, body)).status).toBe(200);
    expect((await server.request('GET', place)).body).toMatchObject(body);
    expect((await server.request('DELETE', place)).status).toBe(200);
    expect((await server.request('GET', place)).status).toBe(404);
  });

  it.each([
    ['one that is there', { address: '192.0.2.9', port: 514 }, 409, '1', 'address'],
    ['none', {}, 400, '262278', 'address'],
    ['no host', { address: 'a b' }, 400, '262197', 'address'],
    ['no host name', { address: `${'a'.repeat(254)}` }, 400, '262197', 'address'],
    ['a port that there is not', { address: '192.0.2.9', port: 65_536 }, 400, '262197', 'port'],
    ['a protocol that there is not', { address: '192.0.2.9', protocol: 'smoke' }, 400, '262185', 'protocol'],
    ['a facility that is not for it', { address: '192.0.2.9', facility: 'mail' }, 400, '262185', 'facility'],
    [
      'proof without encryption',
      { address: '192.0.2.1', verify_server: true },
      400,
      '4522285',
      'verify_server',
    ],
    [
      'one that nobody answers at',
      { address: '127.0.0.1', port: 1, protocol: 'tcp_unencrypted' },
      400,
      '9240609',
      'address',
    ],
  ])('refuses %s', async (_, body, status, code, target) => {
    expect(await post(body)).toMatchObject({ status, body: { error: { code, target } } });
  });

  it('takes "force" in the body too, as NetApp\'s Ansible module sends it', async () => {
    const body = { address: '127.0.0.1', port: 1, protocol: 'tcp_unencrypted', force: true };
    expect((await post(body)).status).toBe(201);
    expect((await server.request('DELETE', `${destinations}?port=1`)).body).toMatchObject({ num_records: 1 });
  });

  it('loses none of many that come and go at once', async () => {
    const ports = Array.from({ length: 8 }, (_, index) => 6000 + index);
    const answers = await Promise.all(ports.map((port) => post({ address: '192.0.2.10', port })));
    expect(answers.map(({ status }) => status)).toEqual(ports.map(() => 201));
    const place = (port: number) => `${destinations}/192.0.2.10/${port}`;
    const changed = await Promise.all(
      ports.map((port, index) =>
        index % 2 === 0
          ? server.request('DELETE', place(port))
          : server.request('PATCH', place(port), { facility: 'local1' }),
      ),
    );
    expect(changed.map(({ status }) => status)).toEqual(ports.map(() => 200));
    const { body } = await server.request('GET', `${destinations}?address=192.0.2.10&facility=local1`);
    expect(body.num_records).toBe(4);
    await server.request('DELETE', `${destinations}?address=192.0.2.10`);
  });

  it('believes a server that a CA of the cluster vouches for, and no other', async () => {
    const ca = issueCertificate({ subject: '/CN=coast', isCa: true });
    const { certificate: cert, key } = issueCertificate({
      subject: '/CN=localhost',
      issuer: ca,
      extensions: ['subjectAltName=IP:127.0.0.1'],
    });
    const received: string[] = [];
    const receiver = createServer({ cert, key }, (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (data) => received.push(data.toString()));
    });
    receiver.on('tlsClientError', () => undefined);
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const { port } = receiver.address() as AddressInfo;
    const body = { address: '127.0.0.1', port, protocol: 'tcp_encrypted' };
    expect(await post(body)).toMatchObject({ status: 400, body: { error: { code: '9240609' } } });
    const installed = { type: 'server_ca', public_certificate: ca.certificate };
    expect((await server.request('POST', '/api/security/certificates', installed)).status).toBe(201);
    expect((await post(body)).status).toBe(201);
    await expect
      .poll(() => received.join(''))
      .toMatch(/^\d+ <5>1 .*POST \/api\/security\/audit\/destinations/);
    await server.request('DELETE', `${destinations}?port=${port}`);
    receiver.close();
  });
});
