import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic, goodPolicy, startTestServer, type TestServer, testPassword } from '../testing/test-server.ts';

const messages = '/api/security/audit/messages';
const policies = '/api/security/ipsec/policies';

describe('/security/audit/messages', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
    await server.request('POST', '/api/svm/svms', { name: 'svm2' });
    for (const [index, svm] of ['svm1', 'svm2'].entries()) {
      const ip = { address: `192.0.2.${index + 1}` };
      await server.request('POST', '/api/network/ip/interfaces', { name: 'lif', svm: { name: svm }, ip });
      const account = { name: `keeper-${svm}`, owner: { name: svm }, password: testPassword };
      await server.request('POST', '/api/security/accounts', account);
      const local_endpoint = { address: ip.address, netmask: '32' };
      const remote_endpoint = { address: '198.51.100.9', netmask: '32' };
      await server.request(
        'POST',
        policies,
        { ...goodPolicy, action: 'bypass', local_endpoint, remote_endpoint },
        as(svm),
      );
      await server.request('POST', policies, { nonsense: 'in the wrong place' }, as(svm));
    }
  });
  afterAll(() => server.close());

  const as = (svm: string) => ({ authorization: basic(`keeper-${svm}`, testPassword) });
  const get = async (query = '', headers = {}) => {
    const answer = await server.request('GET', `${messages}?${query}`, undefined, headers);
    expect(answer.status).toBe(200);
    return answer.body;
  };

  it('shows the whole log, the oldest first, with all fields that are set', async () => {
    const { records, num_records: count } = await get();
    const { first, last } = await server.parts.desired.auditHead();
    expect(count).toBe(last - first + 1);
    expect(records.map(({ index }: { index: number }) => index)).toEqual(
      Array.from({ length: count }, (_, at) => first + at),
    );
    expect(records.at(-1)).toEqual({
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      node: {
        name: server.parts.desired.snapshot().node.name,
        uuid: server.parts.desired.snapshot().node.uuid,
        _links: { self: { href: expect.stringContaining('/api/cluster/nodes/') } },
      },
      index: last,
      application: 'http',
      location: '127.0.0.1',
      user: 'keeper-svm2',
      role: 'vsadmin',
      svm: { name: 'svm2' },
      scope: 'svm',
      session_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      command_id: '1',
      state: 'error',
      input: `POST ${policies} : {"…":"…"}`,
      message: 'HTTP 400; 262179 Unexpected argument "…".',
    });
  });

  it('takes the query language, any order, and named fields', async () => {
    const errors = await get('state=error&order_by=index%20desc&fields=user,input,!node');
    expect(errors.records.map(({ user }: { user: string }) => user)).toEqual(['keeper-svm2', 'keeper-svm1']);
    expect((await get('user=keeper-svm1&state=success|pending')).num_records).toBe(1);
    expect(
      (await get('timestamp=>2020-01-01T00:00:00Z&svm.name=svm2&return_records=false')).num_records,
    ).toBe(2);
    expect((await get('application=internal&query=*cluster*&query_fields=input')).records[0].input).toContain(
      'put cluster',
    );
    const byUser = await get('order_by=user,timestamp&scope=svm&fields=user');
    expect(byUser.records.map(({ user }: { user: string }) => user)).toEqual([
      'keeper-svm1',
      'keeper-svm1',
      'keeper-svm2',
      'keeper-svm2',
    ]);
  });

  it.each(['', 'order_by=index desc', 'order_by=timestamp desc', 'state=success'])(
    'pages without gap or repeat while the log grows (%s)',
    async (query) => {
      const { last } = await server.parts.desired.auditHead();
      const seen: number[] = [];
      let url: string | undefined = `${messages}?max_records=3&${query}`;
      while (url !== undefined) {
        const { body } = await server.request('GET', url);
        seen.push(...body.records.map(({ index }: { index: number }) => index));
        url = body._links.next?.href;
        if (seen.length < 10) await server.request('POST', '/api/svm/svms', {});
      }
      expect(new Set(seen).size).toBe(seen.length);
      const before = await get(`index=<=${last}&${query}`);
      expect(seen.filter((index) => index <= last)).toEqual(
        before.records.map(({ index }: { index: number }) => index),
      );
    },
  );

  it('shows an account of an SVM what is of its SVM', async () => {
    const own = await get('', as('svm1'));
    expect(
      own.records.map(({ user, svm }: { user: string; svm: { name: string } }) => [user, svm.name]),
    ).toEqual([
      ['keeper-svm1', 'svm1'],
      ['keeper-svm1', 'svm1'],
    ]);
    expect((await get('return_records=false', as('svm1'))).num_records).toBe(2);
    expect((await get('user=admin', as('svm1'))).records).toEqual([]);
    expect((await get('return_records=false', { 'x-dot-svm-name': 'svm2' })).num_records).toBe(2);
  });

  it('goes on where the trimmed log begins', async () => {
    const page = await get('max_records=2');
    const { desired } = server.parts;
    const { first } = await desired.auditHead();
    await desired.trimAudit(first + 5, 'trimmed');
    const { body } = await server.request('GET', page._links.next.href);
    expect(body.records[0].index).toBe(first + 5);
    const all = await get('order_by=index desc&max_records=1');
    expect(all.records[0]).toMatchObject({ state: 'error', message: 'This entry cannot be read.' });
  });

  it('keeps reads too when that is set', async () => {
    expect((await server.request('PATCH', '/api/security/audit', { http: true })).status).toBe(200);
    await server.request('GET', `${policies}?name=nobody`, undefined, as('svm1'));
    const { records } = await get('order_by=index desc&max_records=1');
    expect(records[0]).toMatchObject({
      user: 'keeper-svm1',
      state: 'success',
      input: `GET ${policies}?name=…`,
    });
    expect((await server.request('PATCH', '/api/security/audit', { http: false })).status).toBe(200);
    for (const body of [{ cli: true }, { ontapi: true }, { http: null }])
      expect((await server.request('PATCH', '/api/security/audit', body)).status).toBe(400);
    expect((await server.request('GET', '/api/security/audit')).body).toMatchObject({
      cli: false,
      http: false,
      ontapi: false,
    });
  });
});
