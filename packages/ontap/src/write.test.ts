import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coast, send } from './testing/lighthouses.ts';

const lighthouses = '/api/coast/lighthouses';

describe('bodies', () => {
  const parsed = async (json: unknown) => {
    const shore = coast();
    const { status, json: answer } = await send(shore, 'POST', lighthouses, { json });
    expect(answer.error).toBeUndefined();
    expect(status).toBe(201);
    return Object.fromEntries(shore.station.bodies[0] ?? []);
  };

  test.each<[unknown, Record<string, unknown>]>([
    [
      { name: 'x', svm: { name: 'a' } },
      { name: 'x', 'svm.name': 'a' },
    ],
    [
      { name: 'x', 'svm.name': 'a', svm: { uuid: 'b' } },
      { name: 'x', 'svm.name': 'a', 'svm.uuid': 'b' },
    ],
    [{ 'svm.name': 'a', svm: { name: 'a' } }, { 'svm.name': 'a' }],
    [{ _links: { self: {} }, svm: { name: 'a', _links: 1 }, 'svm._links': 2 }, { 'svm.name': 'a' }],
    [
      { height_metres: '64', lit: 'true' },
      { height_metres: 64, lit: true },
    ],
    [
      { height_metres: 64, lit: true },
      { height_metres: 64, lit: true },
    ],
    [
      { channel: 201, name: 7 },
      { channel: '201', name: '7' },
    ],
    [{ height_metres: '1KB' }, { height_metres: 1024 }],
    [{ address: '2001:DB8::0:1' }, { address: '2001:db8::1' }],
    [{ colours: ['red'] }, { colours: ['red'] }],
    [{ colours: 'red' }, { colours: ['red'] }],
    [
      { address: null, keeper: null },
      { address: null, 'keeper.name': null, 'keeper.phone': null },
    ],
    [{ svm: {} }, {}],
    [{}, {}],
    [null, {}],
  ])('%j is read', async (json, body) => {
    expect(await parsed(json)).toEqual(body);
  });

  test('an empty body is an empty object', async () => {
    expect((await send(coast(), 'POST', lighthouses, { text: '  ' })).status).toBe(201);
  });

  test.each<[unknown, string, string | undefined]>([
    [[], '262255', undefined],
    ['text', '262185', undefined],
    [{ flavour: 1 }, '262179', 'flavour'],
    [{ keeper: { age: 1 } }, '262179', 'keeper.age'],
    [{ 'keeper.name.first': 1 }, '262179', 'keeper.name.first'],
    [{ uuid: 'x' }, '262196', 'uuid'],
    [{ flashes: 1 }, '262196', 'flashes'],
    [{ 'svm.name': 'a', svm: { name: 'b' } }, '262188', 'svm.name'],
    [{ height_metres: 'tall' }, '262197', 'height_metres'],
    [{ height_metres: 1.5 }, '262197', 'height_metres'],
    [{ height_metres: true }, '262197', 'height_metres'],
    [{ height_metres: {} }, '262197', 'height_metres'],
    [{ height_metres: [1] }, '262255', 'height_metres'],
    [{ lit: 2 }, '262197', 'lit'],
    [{ address: 'here' }, '262197', 'address'],
    [{ built_at: 'once' }, '262197', 'built_at'],
    [{ kind: 'swamp' }, '262185', 'kind'],
    [{ colours: ['red', 'mauve'] }, '262185', 'colours'],
    [{ colours: [{}] }, '262197', 'colours'],
    [{ svm: 'a' }, '262197', 'svm'],
    [{ svm: [] }, '262255', 'svm'],
    [{ passphrase: { a: 1 } }, '262197', 'passphrase'],
    [JSON.parse('{"__proto__": {"a": 1}}'), '262179', '__proto__'],
    [{ constructor: 1 }, '262179', 'constructor'],
  ])('%j is refused with %s', async (json, code, target) => {
    const { status, json: answer } = await send(coast(), 'POST', lighthouses, { json });
    expect(status).toBe(400);
    expect([answer.error?.code, answer.error?.target]).toEqual([code, target]);
  });

  test('the values of an enumeration are listed', async () => {
    const { json } = await send(coast(), 'POST', lighthouses, { json: { kind: 'swamp' } });
    expect(json.error?.message).toBe(
      'Invalid value "swamp" for field "kind": it must be one of rock, shore.',
    );
  });

  test('all problems are told at once', async () => {
    const shore = coast();
    const { json } = await send(shore, 'POST', lighthouses, {
      json: { flavour: 1, uuid: 'x', height_metres: 'tall' },
    });
    expect(json.error?.code).toBe('262179');
    expect(json.error?.arguments?.map(({ code }) => code)).toEqual(['262196', '262197']);
    expect(shore.station.bodies).toEqual([]);
  });

  test.each([
    ['{"name": x}', '262201'],
    ['{"name": "a" x, "passphrase": "swordfish"}', '262199'],
    ['{"name": "swordfish', '262200'],
    ['{"passphrase": swordfish', '262201'],
    ['{"name"', '262200'],
  ])('%s is no JSON: %s, and nothing of it is repeated', async (text, code) => {
    const { status, json, body } = await send(coast(), 'POST', lighthouses, { text });
    expect([status, json.error?.code]).toEqual([400, code]);
    expect(body).not.toContain('swordfish');
  });

  test('bytes that are no UTF-8 are no JSON', async () => {
    const { api } = coast();
    const response = await api.handle({
      method: 'POST',
      url: lighthouses,
      body: new Uint8Array([0x22, 0xff, 0x22]),
      principal: { account: 'admin', role: 'admin' },
      signal: new AbortController().signal,
    });
    expect(response.body).toContain('262201');
  });

  test('the value of a write-only field is in no answer', async () => {
    for (const passphrase of [{ a: 'swordfish' }, ['swordfish']]) {
      const { body } = await send(coast(), 'POST', lighthouses, { json: { passphrase } });
      expect(body).not.toContain('swordfish');
    }
    const double = { keeper: { name: 'x' }, 'passphrase.a': 'swordfish' };
    expect((await send(coast(), 'POST', lighthouses, { json: double })).body).not.toContain('swordfish');
    const url = `${lighthouses}?return_records=true`;
    const created = await send(coast(), 'POST', url, { json: { name: 'n', passphrase: 'swordfish' } });
    expect(created.status).toBe(201);
    expect(created.body).not.toContain('swordfish');
  });

  test('whatever is sent, the answer is no 500', async () => {
    const names = fc.constantFrom(
      'name',
      'svm',
      'svm.name',
      'keeper',
      'records',
      'colours',
      'address',
      '_links',
      '__proto__',
    );
    const { json: value } = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<unknown>(null, true, 0, -1.5, '', 'a', '10.0.0.1', '1KB'),
        fc.array(tie('json'), { maxLength: 3 }),
        fc.dictionary(fc.oneof(names, fc.string()), tie('json'), { maxKeys: 4 }),
      ),
    }));
    const texts = fc.oneof(
      value.map((each) => JSON.stringify(each)),
      fc.string(),
      value.chain((each) => {
        const text = JSON.stringify(each);
        return fc.nat(text.length).map((length) => text.slice(0, length));
      }),
    );
    const urls = fc.constantFrom(
      lighthouses,
      `${lighthouses}/u1`,
      '/api/coast',
      `${lighthouses}?name=fastnet`,
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('POST', 'PATCH', 'DELETE'), urls, texts, async (method, url, text) => {
        const shore = coast();
        const { status } = await send(shore, method, url, { text });
        expect(shore.station.bugs).toEqual([]);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 1000 },
    );
  });

  test('whatever is asked, the answer is no 500', async () => {
    const name = fc.oneof(
      fc.constantFrom(
        'name',
        'lit',
        'flashes',
        'address',
        'built_at',
        'colours',
        'fields',
        'order_by',
        'start',
        'query',
      ),
      fc.string(),
    );
    const text = fc.oneof(
      fc.string(),
      fc
        .array(fc.constantFrom('*', '!', '|', '..', '<', '"', '{', '}', 'null', 'name', '1', ',', '%', '+'))
        .map((all) => all.join('')),
    );
    const query = fc.array(fc.tuple(name, fc.constantFrom('=', ''), text), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(query, fc.boolean(), async (pairs, isEncoded) => {
        const shore = coast();
        const encode = isEncoded
          ? (part: string) => encodeURIComponent(part.toWellFormed())
          : (part: string) => part;
        const search = pairs
          .map(([key, equals, value]) => `${encode(key)}${equals}${encode(value)}`)
          .join('&');
        const { status } = await send(shore, 'GET', `${lighthouses}?${search}`);
        expect(shore.station.bugs).toEqual([]);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('POST', () => {
  test('answers 201, where the record is, and an empty object', async () => {
    const { status, headers, json } = await send(coast(), 'POST', `${lighthouses}?return_timeout=30`, {
      json: { name: 'n' },
    });
    expect({ status, location: headers['location'], json }).toEqual({
      status: 201,
      location: `${lighthouses}/new%2Fn`,
      json: {},
    });
  });

  test('return_records=true shows the record', async () => {
    const { json } = await send(coast(), 'POST', `${lighthouses}?return_records=true`, {
      json: { name: 'n' },
      accept: 'application/json',
    });
    expect(json).toEqual({
      num_records: 1,
      records: [{ uuid: 'new/n', name: 'n', svm: { uuid: 'svm-1', name: 'atlantic' } }],
    });
  });

  test('hands over the parameters that the resource declared, and refuses filters', async () => {
    const shore = coast();
    await send(shore, 'POST', `${lighthouses}?force=true`, { json: { name: 'n' } });
    expect(shore.station.parameters).toEqual([new Map([['force', 'true']])]);
    const { json } = await send(shore, 'POST', `${lighthouses}?name=n`, { json: { name: 'n' } });
    expect(json.error).toMatchObject({ code: '262179', target: 'name' });
  });

  test('creates several records', async () => {
    const shore = coast();
    const { status, json, headers } = await send(shore, 'POST', lighthouses, {
      json: { records: [{ name: 'a' }, { name: 'b' }] },
    });
    expect({ status, json }).toEqual({ status: 201, json: { num_records: 2 } });
    expect(headers).not.toHaveProperty('location');
    expect([...shore.station.records.keys()]).toEqual(expect.arrayContaining(['new/a', 'new/b']));
  });

  test('creates nothing while one of several bodies has a problem', async () => {
    const shore = coast();
    const { json } = await send(shore, 'POST', lighthouses, {
      json: { records: [{ name: 'a' }, { name: 'b', flavour: 1 }], name: 'c' },
    });
    expect(json.error).toMatchObject({
      code: '262186',
      target: 'name',
      arguments: [{ code: '262179', message: 'records[1]: Unexpected argument "flavour".' }],
    });
    expect(shore.station.bodies).toEqual([]);
  });

  const withDuplicate = { records: [{ name: 'a' }, { name: 'pharos' }, { name: 'b' }] };

  test('stops at the first failure and counts what was done', async () => {
    const shore = coast();
    const { status, json } = await send(shore, 'POST', lighthouses, { json: withDuplicate });
    expect(status).toBe(409);
    expect(json).toEqual({
      num_records: 1,
      error: { code: '77000001', message: 'records[1]: exists', target: 'records[1].name' },
    });
    expect(shore.station.records.has('new/b')).toBe(false);
  });

  test('goes on after a failure when told to', async () => {
    const url = `${lighthouses}?continue_on_failure=true&serial_records=true`;
    const { status, json } = await send(coast(), 'POST', url, { json: withDuplicate });
    expect([status, json.num_records]).toEqual([409, 2]);
  });
});

describe('PATCH and DELETE of an instance', () => {
  test('PATCH answers 200 and an empty object', async () => {
    const shore = coast();
    const { status, json } = await send(shore, 'PATCH', `${lighthouses}/u1?return_timeout=30&force=1`, {
      json: { name: 'new' },
    });
    expect({ status, json }).toEqual({ status: 200, json: {} });
    expect(shore.station.records.get('u1')?.name).toBe('new');
    expect(shore.station.parameters).toEqual([new Map([['force', '1']])]);
  });

  test('PATCH shows the record when asked to', async () => {
    const url = `${lighthouses}/u3?return_records=true&fields=name`;
    const { json } = await send(coast(), 'PATCH', url, {
      json: { name: 'new' },
      accept: 'application/json',
    });
    expect(json).toEqual({ num_records: 1, records: [{ uuid: 'u3', name: 'new' }] });
  });

  test('PATCH of a singleton reaches it', async () => {
    const shore = coast();
    const { json } = await send(shore, 'PATCH', '/api/coast?return_timeout=30', { json: { size: '64' } });
    expect(json).toEqual({});
    expect(shore.station.bodies).toEqual([new Map([['size', 64]])]);
    const refused = await send(shore, 'PATCH', '/api/coast', { json: { size: 65 } });
    expect(refused.json.error).toMatchObject({ code: '262185', target: 'size' });
  });

  test.each([
    [{ svm: { name: 'a' } }, '262196', 'svm.name'],
    [{ uuid: 'u1' }, '262196', 'uuid'],
    [{ records: [] }, '262179', 'records'],
    [{ name: 'forbidden' }, '8', 'name'],
  ])('PATCH %j is refused with %s', async (json, code, target) => {
    const { json: answer } = await send(coast(), 'PATCH', `${lighthouses}/u1`, { json });
    expect(answer.error).toMatchObject({ code, target });
  });

  test.each([undefined, '{}', 'null', '{"a":1}', 'no JSON'])(
    'DELETE with the body %s deletes',
    async (text) => {
      const shore = coast();
      const ask = text === undefined ? {} : { text };
      const { status, json } = await send(shore, 'DELETE', `${lighthouses}/u1?return_timeout=30`, ask);
      expect({ status, json }).toEqual({ status: 200, json: {} });
      expect(shore.station.records.has('u1')).toBe(false);
    },
  );

  test('what is not there cannot be changed', async () => {
    for (const method of ['PATCH', 'DELETE']) {
      const { status, json } = await send(coast(), method, `${lighthouses}/u9`, { json: {} });
      expect([status, json.error?.code]).toEqual([404, '4']);
    }
  });
});

describe('PATCH and DELETE of a collection', () => {
  test.each(['PATCH', 'DELETE'])('%s without a query or records changes nothing', async (method) => {
    const shore = coast();
    const { status, json } = await send(shore, method, lighthouses, { json: {} });
    expect([status, json.error?.code]).toEqual([400, '262177']);
    expect(shore.station.records.size).toBe(3);
  });

  test('PATCH changes what the query selects', async () => {
    const shore = coast();
    const url = `${lighthouses}?svm.name=atlantic&return_records=true&fields=name`;
    const { status, json } = await send(shore, 'PATCH', url, { json: { name: 'x' } });
    expect([status, json.num_records]).toEqual([200, 2]);
    expect(json.records).toMatchObject([{ name: 'x' }, { name: 'x' }]);
    expect(shore.station.records.get('u3')?.name).toBe('pharos');
  });

  test('DELETE shows what was there, page by page', async () => {
    const shore = coast();
    const url = `${lighthouses}?svm.name=atlantic&max_records=1&return_records=true`;
    const first = await send(shore, 'DELETE', url, { accept: 'application/json' });
    expect(first.json.records).toMatchObject([{ uuid: 'u1', name: 'fastnet' }]);
    const second = await send(shore, 'DELETE', first.json._links?.next?.href ?? '');
    expect(second.json).toMatchObject({ num_records: 1, records: [{ uuid: 'u2' }] });
    expect([...shore.station.records.keys()]).toEqual(['u3']);
  });

  test('DELETE of records by key, and PATCH of each with its own body', async () => {
    const shore = coast();
    const patched = await send(shore, 'PATCH', lighthouses, {
      json: {
        records: [
          { uuid: 'u1', name: 'a' },
          { uuid: 'u2', name: 'b' },
        ],
      },
    });
    expect(patched.json.num_records).toBe(2);
    expect(shore.station.records.get('u2')?.name).toBe('b');
    await send(shore, 'DELETE', lighthouses, { json: { records: [{ uuid: 'u1' }, { uuid: 'u2' }] } });
    expect([...shore.station.records.keys()]).toEqual(['u3']);
  });

  test.each([
    [{ records: [{ name: 'a' }] }, '262177', 'records[0].uuid'],
    [{ records: [{ uuid: 'u1' }, { uuid: 'u9' }] }, '4', 'records[1].uuid'],
    [{ records: [7] }, '262185', 'records[0]'],
  ])('PATCH of %j is refused whole', async (json, code, target) => {
    const shore = coast();
    const answer = await send(shore, 'PATCH', lighthouses, { json });
    expect(answer.json.error).toMatchObject({ code, target });
    expect(shore.station.bodies).toEqual([]);
  });

  test('a failure says which record it was, beside what was done', async () => {
    const shore = coast();
    const { status, json } = await send(shore, 'DELETE', `${lighthouses}?name=*&order_by=name`);
    expect(status).toBe(409);
    expect(json).toMatchObject({ num_records: 2, error: { code: '8', message: 'u3: resource in use' } });
  });
});
