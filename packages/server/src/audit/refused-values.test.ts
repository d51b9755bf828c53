import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allResources } from '../resources/index.ts';
import { basic, goodPolicy, startTestServer, type TestServer, testPassword } from '../testing/test-server.ts';

const secret = 'sesame-Kh2v9QpX4mB7';
const policies = '/api/security/ipsec/policies';

describe('the audit log, of a secret that somebody put in the wrong place', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer();
    const reader = { name: 'reader', role: { name: 'readonly' }, password: testPassword };
    await server.request('POST', '/api/security/accounts', reader);
  });

  afterAll(async () => server.close());

  it.each([
    ['in a field that it is refused for', 'POST', policies, { ...goodPolicy, protocol: secret }],
    [
      'in one of several records',
      'POST',
      policies,
      { records: [goodPolicy, { ...goodPolicy, protocol: secret }] },
    ],
    ['in a filter that it is refused for', 'DELETE', `${policies}?enabled=${secret}`, undefined],
    [
      'as who a URL logs in as',
      'POST',
      '/api/esplanade/v1/certificate-revocation-lists',
      {
        certificate: { uuid: '00000000-0000-4000-8000-000000000000' },
        url: `https://k:${secret}@example.org/x`,
      },
    ],
  ])('has not the secret %s, but the request', async (_where, method, path, body) => {
    const answer = await server.request(method, path, body);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    const { body: log, text } = await server.request('GET', '/api/security/audit/messages?fields=*');
    expect(text).not.toContain(secret);
    const id = answer.headers['x-request-id'];
    const entry = log.records.find(({ session_id }: { session_id: string }) => session_id === id);
    expect(entry.input).toContain(`${method} ${path.split('?')[0]}`);
    expect(entry.input).toMatch(/…|\*\*\*/);
  });

  const reader = { authorization: basic('reader', testPassword) };
  const strange = { 'if-match': '"x"' };
  const lines = ['-----BEGIN PRIVATE KEY-----', secret, '-----END PRIVATE KEY-----'];
  const certificate = { type: 'client', public_certificate: 'x', intermediate_certificates: lines };

  it.each([
    ['a key as a list of lines, by role', 'POST', '/api/security/certificates', certificate, reader],
    ['a key as a list of lines, by version', 'POST', '/api/security/certificates', certificate, strange],
    [
      'a code without armour',
      'POST',
      '/api/security/certificates',
      { type: 'client', public_certificate: secret, key_size: 1 },
      {},
    ],
    ['one of few values, by role', 'POST', policies, { ...goodPolicy, action: secret }, reader],
    ['one of few values, by a parameter', 'POST', `${policies}?strange=1`, { action: secret }, {}],
    [
      'one of few values, of several',
      'POST',
      policies,
      { records: [goodPolicy, { action: secret }] },
      reader,
    ],
    ['filters, by role', 'DELETE', `${policies}?enabled=${secret}&action=${secret}`, undefined, reader],
    ['a name, by role', 'POST', policies, { ...goodPolicy, name: secret }, reader],
  ])('has not %s, of what was refused before it was looked at', async (_, method, path, body, headers) => {
    const answer = await server.request(method, path, body, headers);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    const { text } = await server.request('GET', '/api/security/audit/messages?fields=*');
    expect(text).toContain(answer.headers['x-request-id']);
    expect(text).not.toContain(secret);
  });
});

it('knows of each text in PEM that nobody would notice a secret in it', async () => {
  const server = await startTestServer();
  const inPem = allResources(server.parts).flatMap(({ path, fields }) =>
    Object.entries(fields)
      .filter(([, { description }]) => description.includes('PEM'))
      .map(([name, { get, isOpaque }]) => ({
        field: `${path} ${name}`,
        isKept: get === undefined || isOpaque,
      })),
  );
  await server.close();
  expect(inPem.length).toBeGreaterThan(4);
  expect(inPem.filter(({ isKept }) => isKept !== true)).toEqual([]);
});
