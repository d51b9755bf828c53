import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { basic, goodPolicy, startTestServer, type TestServer, testPassword } from '../testing/test-server.ts';
import { type AuditEntry, readAuditText } from './audit-entry.ts';

const policies = '/api/security/ipsec/policies';
const accounts = '/api/security/accounts';
const secret = goodPolicy.secret_key;

describe('the audit trail', () => {
  let server: TestServer;
  let seen = 0;
  beforeAll(async () => {
    server = await startTestServer();
    await server.request('POST', '/api/network/ip/interfaces', {
      name: 'lif1',
      svm: { name: 'svm1' },
      ip: { address: '192.0.2.1', netmask: '24' },
    });
    for (const [name, role] of [
      ['keeper', 'vsadmin'],
      ['watcher', 'vsadmin-readonly'],
    ])
      await server.request('POST', accounts, {
        name,
        owner: { name: 'svm1' },
        role: { name: role },
        password: testPassword,
      });
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    seen = (await server.parts.desired.auditHead()).last;
  });

  const newEntries = async (): Promise<readonly AuditEntry[]> => {
    const entries = await server.parts.desired.readAudit({ after: seen, limit: 1000 });
    for (const { entry } of entries) expect(entry).not.toContain(secret);
    return entries.map(({ entry }) => readAuditText(entry));
  };
  const as = (name: string) => ({ authorization: basic(name, testPassword) });

  it('has one entry of a change, in the commit that makes it', async () => {
    const { status, headers } = await server.request('POST', policies, goodPolicy, as('svm1\\keeper'));
    expect(status).toBe(201);
    const { node, svms } = server.parts.desired.snapshot();
    const [entry, ...others] = await newEntries();
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      node: { name: node.name, uuid: node.uuid },
      application: 'http',
      user: 'keeper',
      role: 'vsadmin',
      svm: { name: 'svm1', uuid: [...svms.keys()][0] },
      location: '127.0.0.1',
      session: headers['x-request-id'],
      command: 1,
      state: 'success',
    });
    expect(entry?.input).toMatch(
      /^POST \/api\/security\/ipsec\/policies : \{"name":"nfs","secret_key":"\*\*\*",/,
    );
    expect(entry?.message).toBeUndefined();
  });

  it('has one entry of each of several records, and one of the outcome where that is a failure', async () => {
    const record = (name: string) => ({ ...goodPolicy, name, action: 'bypass', enabled: false });
    const records = [record('a'), record('b'), record('a'), record('c')];
    const { status } = await server.request('POST', `${policies}?continue_on_failure=true`, { records });
    expect(status).toBe(409);
    const entries = await newEntries();
    expect(entries.map(({ state, command }) => [state, command])).toEqual([
      ['success', 1],
      ['success', 2],
      ['success', 3],
      ['error', 4],
    ]);
    expect(entries.map(({ input }) => input.slice(0, 90))).toMatchObject([
      expect.stringContaining('records[0] : {"name":"a"'),
      expect.stringContaining('records[1] : {"name":"b"'),
      expect.stringContaining('records[3] : {"name":"c"'),
      expect.stringContaining('{"records":[{"name":"…"'),
    ]);
    expect(entries.at(-1)?.message).toMatch(/^HTTP 409; 66257104/);
  });

  it('has one entry of each record that a query selects', async () => {
    const { body } = await server.request('PATCH', `${policies}?name=a|b`, { enabled: true });
    expect(body).toMatchObject({ num_records: 2 });
    const entries = await newEntries();
    expect(entries.map(({ input }) => input)).toMatchObject([
      expect.stringMatching(/^PATCH .*\?name=a\|b \([0-9a-f-]{36}\) : \{"enabled":true\}$/),
      expect.stringMatching(/^PATCH .*\?name=a\|b \([0-9a-f-]{36}\) : \{"enabled":true\}$/),
    ]);
    await server.request('DELETE', `${policies}?name=a|b|c`);
    expect(await newEntries()).toHaveLength(2 + 3);
  });

  it.each([
    ['by role', 'watcher', 'POST', policies, goodPolicy, 403, '6'],
    ['by role to read', 'keeper', 'GET', '/api/esplanade/v1/datapaths', undefined, 403, '6'],
    [
      'by validation',
      'admin',
      'POST',
      policies,
      { ...goodPolicy, name: 'x', protocol: 'nonsense' },
      400,
      '262',
    ],
    ['because nothing is there', 'admin', 'DELETE', `${policies}/nobody`, undefined, 404, '4'],
    ['because nobody knows the path', 'admin', 'POST', '/api/nowhere', {}, 404, '3'],
    ['because the verb is not there', 'admin', 'POST', '/api/cluster/nodes', {}, 405, '3'],
    ['because the body is too large', 'admin', 'POST', policies, Buffer.alloc(1_100_000, 32), 413, 'HTTP'],
  ])('has an entry of what is refused %s', async (_, user, method, url, body, status, code) => {
    const answer = await server.request(method, url, body, as(user));
    const entries = await newEntries();
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({ user, state: 'error', session: answer.headers['x-request-id'] });
    expect(answer.status).toBe(status);
    expect(entries[0]?.message).toMatch(new RegExp(`^HTTP ${status}`));
    expect(entries[0]?.message).toContain(code);
  });

  it('has an entry of what answers without a change', async () => {
    await server.request('PATCH', '/api/security/ipsec', {});
    await server.request('DELETE', `${policies}?name=nobody`);
    expect(await newEntries()).toMatchObject([{ state: 'success' }, { state: 'success' }]);
  });

  it('has no entry of reading', async () => {
    await server.request('GET', policies);
    await server.request('GET', `${policies}/nobody`);
    await server.request('OPTIONS', policies);
    expect(await newEntries()).toEqual([]);
  });

  it('has the private CLI, actions, and a request narrowed to an SVM', async () => {
    const cli = { vserver: 'svm1', name: 'nfs', 'is-enabled': false, 'shared-key': secret };
    await server.request('PATCH', '/api/private/cli/security/ipsec/policy?name=nfs', cli);
    await server.request('POST', '/api/security/certificates/nobody/sign', { signing_request: secret });
    await server.request('DELETE', `${policies}?name=nfs`, undefined, { 'x-dot-svm-name': 'svm1' });
    const entries = await newEntries();
    expect(entries.at(-1)).toMatchObject({ user: 'admin', svm: { name: 'svm1' }, state: 'success' });
    expect(entries.some(({ input }) => input.startsWith('POST /api/security/certificates/…/sign'))).toBe(
      true,
    );
    expect(
      entries.some(({ input }) => input.startsWith('PATCH /api/private/cli/security/ipsec/policy')),
    ).toBe(true);
  });

  it('is an SVM’s only where what it is about can be', async () => {
    const narrowed = { 'x-dot-svm-name': 'svm1' };
    await server.request('PATCH', '/api/security/audit', { http: false }, narrowed);
    await server.request('DELETE', `${accounts}?name=nobody`, undefined, narrowed);
    const entries = await newEntries();
    expect(entries.map(({ svm }) => svm?.name)).toEqual([undefined, 'svm1']);
  });

  it('has refused logins, with the name only of accounts that there are', async () => {
    await server.request('GET', policies, undefined, { authorization: basic('keeper', secret) });
    await server.request('GET', policies, undefined, { authorization: basic(secret, secret) });
    await expect.poll(newEntries).toMatchObject([
      { user: 'keeper', svm: { name: 'svm1' }, location: '127.0.0.1', state: 'error', input: 'Login' },
      { user: undefined, location: '127.0.0.1', state: 'error', input: 'Login' },
    ]);
  });

  it.each([
    ['POST', '/api/cluster', { 'sec-fetch-site': 'cross-site' }, 403, 'page-of-another-site'],
    ['PROPFIND', '/api/cluster', {}, 404, 'unknown-method'],
    ['POST', '/api/svm/%zz', {}, 400, 'unreadable-url'],
  ])('has %s %s, refused before anybody asked whose it is', async (method, url, headers, status, reason) => {
    expect(await server.request(method, url, undefined, headers)).toMatchObject({ status });
    await expect
      .poll(newEntries)
      .toMatchObject([
        { user: undefined, location: '127.0.0.1', input: 'Request', message: `refused: ${reason}` },
      ]);
    await server.request('GET', url, undefined, { 'sec-fetch-site': 'cross-site' });
    expect(await newEntries()).toHaveLength(1);
  });

  it('calls what the server does by itself internal', async () => {
    await server.parts.desired.putAccount({
      name: 'other',
      scope: { kind: 'cluster' },
      role: 'readonly',
      isLocked: false,
      passwordHash: 'none',
      authenticationMethods: ['password'],
    });
    expect(await newEntries()).toMatchObject([
      { application: 'internal', user: undefined, input: 'put accounts/other', state: 'success' },
    ]);
  });
});
