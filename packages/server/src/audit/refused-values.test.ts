import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goodPolicy, startTestServer, type TestServer } from '../testing/test-server.ts';

const secret = 'sesame-Kh2v9QpX4mB7';
const policies = '/api/security/ipsec/policies';

describe('the audit log, of a secret that somebody put in the wrong place', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer();
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
});
