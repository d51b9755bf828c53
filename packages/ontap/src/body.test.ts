import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coast, send } from './lighthouses.fixture.ts';

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
    [{ passphrase: 12_345_678_901_234 }, '262197', 'passphrase'],
    [{ passphrase: true }, '262197', 'passphrase'],
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

  test('a write-only field sent as a number is refused before its digits are rounded', async () => {
    const shore = coast();
    const text = '{"passphrase": 12345678901234567890}';
    const { status, json, body } = await send(shore, 'POST', lighthouses, { text });
    expect([status, json.error?.message]).toEqual([
      400,
      'The value is invalid for field "passphrase" (<string>)',
    ]);
    expect(body).not.toContain('1234567');
    expect(shore.station.bodies).toEqual([]);
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
