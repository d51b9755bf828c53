import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LineServer, lifs, type Sent } from './line-server.ts';

let server: LineServer;
beforeAll(async () => {
  server = await LineServer.start();
});
afterAll(() => server.stop());

const send = (line: string, sent?: Sent) => server.send(line, sent);

describe('methods', () => {
  test.each([
    [lifs, 'GET, HEAD, OPTIONS, POST, PATCH, DELETE'],
    [`${lifs}/{lif1}`, 'GET, HEAD, OPTIONS, PATCH, DELETE'],
    ['/api/security/ipsec', 'GET, HEAD, OPTIONS, PATCH'],
    ['/api/cluster/jobs', 'GET, HEAD, OPTIONS'],
    ['/api/network/ipspaces', 'GET, HEAD, OPTIONS, POST, DELETE'],
  ])('OPTIONS on %s has them in Allow', async (path, allow) => {
    const { status, headers, body } = await send(`OPTIONS ${path}`);
    expect({ status, allow: headers['allow'], body }).toEqual({ status: 200, allow, body: {} });
    const refused = await send(`PUT ${path}`, { body: '{}' });
    expect(refused).toMatchObject({ status: 405, headers: { allow }, body: { error: { code: '3' } } });
  });

  test.each([lifs, `${lifs}/{lif1}`, `${lifs}?max_records=1`, `${lifs}/none`, `${lifs}?nonsense=1`])(
    'HEAD on %s has the status and the headers of GET',
    async (path) => {
      const get = await send(`GET ${path}`);
      const head = await send(`HEAD ${path}`);
      const { date: _, 'x-request-id': __, ...headers } = get.headers;
      expect(head).toMatchObject({ status: get.status, headers, text: '' });
    },
  );

  test.each(['GET', 'HEAD'])('%s takes no body', async (method) => {
    expect((await send(`${method} ${lifs}`, { body: '{}' })).status).toBe(400);
  });
});

describe('how a request may be written', () => {
  test.each(['/api//network///ip/interfaces', `${lifs}/`, `${lifs}//?`, '/api/network/ip/%69nterfaces'])(
    '%s is the collection',
    async (path) => {
      expect(await send(`GET ${path}`)).toMatchObject({ status: 200, body: { num_records: 4 } });
    },
  );

  test.each([
    ['printed for people', '', /^\{\n {2}"records": \[\n/],
    ['printed for people when asked', '?pretty=true', /^\{\n {2}"records": \[\n/],
    ['on one line', '?pretty=false', /^\{"records":\[\{[^\n]*\n$/],
    ['refusals on one line', '?pretty=false&nonsense=1', /^\{"error":\{[^\n]*\n$/],
  ])('an answer is %s', async (_, query, form) => {
    expect((await send(`GET ${lifs}${query}`)).text).toMatch(form);
  });

  const made = {
    scope: 'svm',
    svm: { name: 'alpha' },
    enabled: false,
    ip: { address: '192.0.2.50', netmask: '25' },
  };
  test.each([
    [
      'nested objects',
      { svm: { name: 'alpha' }, enabled: false, ip: { address: '192.0.2.50', netmask: '25' } },
    ],
    ['dotted names', { 'svm.name': 'alpha', enabled: false, 'ip.address': '192.0.2.50', 'ip.netmask': '25' }],
    [
      'both in one body',
      { 'svm.name': 'alpha', enabled: false, ip: { address: '192.0.2.50' }, 'ip.netmask': '25' },
    ],
    [
      'the same thing twice',
      {
        'svm.name': 'alpha',
        svm: { name: 'alpha' },
        enabled: false,
        ip: { address: '192.0.2.50', netmask: '25' },
      },
    ],
    [
      'lenient scalars',
      { 'svm.name': 'alpha', enabled: 'false', ip: { address: '192.0.2.50', netmask: 25 } },
    ],
    [
      'booleans in other spellings',
      { 'svm.name': 'alpha', enabled: 'no', ip: { address: '192.0.2.50', netmask: '25' } },
    ],
    [
      'links, which are ignored',
      {
        svm: { name: 'alpha', _links: {} },
        _links: {},
        enabled: false,
        ip: { address: '192.0.2.50', netmask: '25' },
      },
    ],
  ])('a body in %s', async (_, members) => {
    const body = JSON.stringify({ name: 'written', ...members });
    const created = await send(`POST ${lifs}?return_records=true`, { body });
    expect(created).toMatchObject({ status: 201, body: { num_records: 1, records: [made] } });
    expect(await send(`DELETE ${created.headers['location']}`)).toMatchObject({ status: 200, body: {} });
  });

  test.each([
    ['application/json', ''],
    ['application/hal+json', '{}'],
    ['application/json', 'null'],
    ['text/plain', '{}'],
    ['application/json', '{"records":[]}'],
  ])('DELETE of a record takes a body: %s %s', async (type, body) => {
    const made = '{"name":"gone","svm.name":"svm1","ip.address":"192.0.2.60"}';
    const created = await send(`POST ${lifs}`, { body: made });
    const deleted = await send(`DELETE ${created.headers['location']}`, {
      body,
      headers: { 'content-type': type },
    });
    expect(deleted).toMatchObject({ status: 200, body: {} });
  });

  test.each(['', 'text/plain', 'application/hal+json', 'application/json; charset=utf-8'])(
    'a body is JSON, whatever it is said to be: %s',
    async (type) => {
      const answer = await send(`PATCH ${lifs}/{lif1}`, {
        body: '{"nonsense":1}',
        headers: { 'content-type': type },
      });
      expect(answer).toMatchObject({ status: 400, body: { error: { code: '262179', target: 'nonsense' } } });
    },
  );
});

describe('one SVM alone', () => {
  test.each([
    ['by name', { 'x-dot-svm-name': 'svm1' }, 2],
    ['by UUID', { 'x-dot-svm-uuid': '{svm1}' }, 2],
    ['by both', { 'x-dot-svm-name': 'alpha', 'x-dot-svm-uuid': '{alpha}' }, 1],
  ])('records of others do not exist: %s', async (_, headers, count) => {
    expect(await send(`GET ${lifs}`, { headers })).toMatchObject({
      status: 200,
      body: { num_records: count },
    });
    expect((await send(`GET ${lifs}/{lif4}`, { headers })).status).toBe(404);
    expect((await send(`DELETE ${lifs}/{lif4}`, { headers })).status).toBe(404);
    expect(await send('GET /api/svm/svms', { headers })).toMatchObject({ body: { num_records: 1 } });
  });

  test('what is made belongs to it', async () => {
    const body = '{"name":"tunnelled","ip.address":"192.0.2.70"}';
    const headers = { 'x-dot-svm-name': 'alpha' };
    const made = await send(`POST ${lifs}?return_records=true`, { body, headers });
    expect(made).toMatchObject({ status: 201, body: { records: [{ svm: { name: 'alpha' } }] } });
    expect((await send(`DELETE ${made.headers['location']}`)).status).toBe(200);
  });

  test.each([
    ['an unknown name', { 'x-dot-svm-name': 'nobody' }, 404, '2621462'],
    ['an unknown UUID', { 'x-dot-svm-uuid': 'nobody' }, 404, '2621462'],
    ['two SVMs', { 'x-dot-svm-name': 'svm1', 'x-dot-svm-uuid': '{alpha}' }, 400, '2621706'],
  ])('%s is refused', async (_, headers, status, code) => {
    expect(await send(`GET ${lifs}`, { headers })).toMatchObject({ status, body: { error: { code } } });
  });
});

describe('what is unknown is refused', () => {
  test.each([
    ['GET /api/nowhere', 404, '3'],
    ['GET /api', 404, '3'],
    ['GET /nowhere', 404, '3'],
    ['PATCH /api/nowhere', 404, '3'],
    ['OPTIONS /api/nowhere', 404, '3'],
    [`GET ${lifs}/{lif1}/more`, 404, '262179'],
    ['GET /api/security/ipsec/nowhere', 404, '262179'],
    [`GET ${lifs}/none`, 404, '4'],
    [`PATCH ${lifs}/none`, 404, '4'],
    [`DELETE ${lifs}/none`, 404, '4'],
    ['GET /api/cluster/jobs/none', 404, '4'],
    [`GET ${lifs}?nonsense=1`, 400, '262179'],
    [`GET ${lifs}/{lif1}?nonsense=1`, 400, '262179'],
    [`GET ${lifs}?ip=192.0.2.1`, 400, '262179'],
    [`POST ${lifs}?nonsense=1`, 400, '262179'],
    [`PATCH ${lifs}/{lif1}?nonsense=1`, 400, '262179'],
    [`DELETE ${lifs}/none?nonsense=1`, 400, '262179'],
    [`POST ${lifs}?max_records=1`, 400, '262179'],
    [`GET ${lifs}?name`, 400, '262248'],
    [`GET ${lifs}?name=lif1&name=lif2`, 400, '262188'],
    [`GET ${lifs}?name=`, 400, '262194'],
    [`GET ${lifs}?enabled=perhaps`, 400, '262197'],
    [`GET ${lifs}?name=%E0%A4%A`, 400, '39387137'],
    [`PATCH ${lifs}`, 400, '262177'],
    [`DELETE ${lifs}`, 400, '262177'],
  ])('%s: %i, code %s', async (line, status, code) => {
    const answer = await send(line);
    expect(answer).toMatchObject({ status, body: { error: { code, message: expect.any(String) } } });
  });

  test.each([
    ['{"nonsense":1}', '262179', 'nonsense'],
    ['{"ip":{"nonsense":1}}', '262179', 'ip.nonsense'],
    ['{"ip.nonsense":1}', '262179', 'ip.nonsense'],
    ['{"uuid":"1"}', '262196', 'uuid'],
    ['{"svm":{"name":"alpha"}}', '262196', 'svm.name'],
    ['{"name":["lif1"]}', '262255', 'name'],
    ['{"enabled":"perhaps"}', '262197', 'enabled'],
    ['{"enabled":true,"enabled ":true}', '262179', 'enabled '],
    ['{"ip.address":"192.0.2.1","ip":{"address":"192.0.2.2"}}', '262188', 'ip.address'],
    ['{"ip":"192.0.2.1"}', '262197', 'ip'],
    ['[]', '262255', undefined],
    ['1', '262185', undefined],
    ['{"name":', '262200', undefined],
    ['{"name":}', '262201', undefined],
    ['{"name":"lif1" "enabled":true}', '262199', undefined],
  ])('the body %s: code %s', async (body, code, target) => {
    const answer = await send(`PATCH ${lifs}/{lif1}`, { body });
    expect(answer).toMatchObject({ status: 400, body: { error: { code } } });
    expect(Object(answer.body).error.target).toBe(target);
  });

  test('the same parameter twice with one value is no contradiction', async () => {
    expect((await send(`GET ${lifs}?name=lif1&name=lif1`)).status).toBe(200);
  });

  test('everything wrong with a request is told at once', async () => {
    const { body } = await send(`GET ${lifs}?nonsense=1&fields=nonsense&max_records=0`);
    const { code, arguments: others } = Object(body).error;
    expect([code, ...others.map((each: { code: string }) => each.code)].sort()).toEqual([
      '262179',
      '262197',
      '262197',
    ]);
  });
});

describe('headers', () => {
  test.each([
    `GET ${lifs}`,
    'GET /api/nowhere',
    'GET /nowhere',
    `POST ${lifs}`,
    'GET /openapi.json',
    'GET /healthz',
  ])('%s: nothing is cached or guessed at', async (line) => {
    const { headers } = await send(line);
    expect(headers).toMatchObject({
      'cache-control': 'no-cache,no-store,must-revalidate',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-request-id': expect.any(String),
      date: expect.any(String),
    });
    for (const name of ['etag', 'last-modified', 'set-cookie', 'x-powered-by', 'server'])
      expect(headers).not.toHaveProperty(name);
  });

  test.each(['', 'Basic bm9ib2R5Om5vdGhpbmc=', 'Bearer x'])(
    'Authorization: %s is not enough',
    async (authorization) => {
      const { status, headers, body } = await send('GET /api/cluster', { headers: { authorization } });
      expect({ status, body }).toEqual({
        status: 401,
        body: { error: { message: 'User is not authorized.', code: '6691623' } },
      });
      expect(headers).toMatchObject({
        'www-authenticate': expect.stringMatching(/^Basic realm=/),
        'content-type': 'application/hal+json',
      });
    },
  );
});
