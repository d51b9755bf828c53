import { describe, expect, test } from 'vitest';
import { coast, send } from './lighthouses.fixture.ts';
import type { Field, Resource } from './resource.ts';

const lighthouses = '/api/coast/lighthouses';

describe('routing', () => {
  test.each([
    ['/api/coast/lighthouses/', 'a trailing slash'],
    ['/api//coast///lighthouses', 'doubled slashes'],
    ['/api/coast/light%68ouses', 'percent-encoding'],
  ])('%s reaches the collection in spite of %s', async (url) => {
    const { status, json } = await send(coast(), 'GET', url);
    expect(status).toBe(200);
    expect(json.num_records).toBe(3);
  });

  test('the key in the path is percent-decoded', async () => {
    const shore = coast([{ uuid: 'c$/1', name: 'odd', svmUuid: 's', svmName: 's' }]);
    const { status, json } = await send(shore, 'GET', `${lighthouses}/c%24%2F1`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ uuid: 'c$/1', _links: { self: { href: `${lighthouses}/c%24%2F1` } } });
  });

  test('a UUID in the path is read in either case', async () => {
    const uuid = '0f8fad5b-d9cb-469f-a165-70867728950e';
    const shore = coast([{ uuid, name: 'found', svmUuid: 's', svmName: 's' }]);
    const { status, json } = await send(shore, 'GET', `${lighthouses}/${uuid.toUpperCase()}`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ uuid });
    expect((await send(coast(), 'GET', `${lighthouses}/U1`)).status).toBe(404);
  });

  test.each([
    ['/api/nowhere', 404, '3'],
    ['/api', 404, '3'],
    ['/elsewhere/coast', 404, '3'],
    ['/api/coast/lighthouses/u1/lens', 404, '262179'],
    ['/api/coast/lamp', 404, '262179'],
    ['/api/coast%2Flighthouses', 404, '3'],
    ['/api/coast/lighthouses%2Fu1', 404, '262179'],
    ['/api/coast%252Flighthouses', 404, '3'],
    ['/api/coast/%E0%A4%A', 400, '39387137'],
    ['/api/coast/lighthouses?name=%', 400, '39387137'],
    ['/api/coast/lighthouses/u9', 404, '4'],
  ])('%s is answered %i with code %s', async (url, status, code) => {
    const response = await send(coast(), 'GET', url);
    expect(response.status).toBe(status);
    expect(response.json.error?.code).toBe(code);
  });

  test('an unknown instance is "entry doesn\'t exist" with the key as target', async () => {
    const { json } = await send(coast(), 'GET', `${lighthouses}/u9`);
    expect(json).toEqual({ error: { message: "entry doesn't exist", code: '4', target: 'uuid' } });
  });

  test.each([
    [lighthouses, 'GET, HEAD, OPTIONS, POST, PATCH, DELETE'],
    [`${lighthouses}/u1`, 'GET, HEAD, OPTIONS, PATCH, DELETE'],
    ['/api/coast', 'GET, HEAD, OPTIONS, PATCH'],
  ])('OPTIONS on %s allows %s', async (url, allow) => {
    const { status, headers, json } = await send(coast(), 'OPTIONS', url);
    expect({ status, allow: headers['allow'], json }).toEqual({ status: 200, allow, json: {} });
  });

  test.each([
    ['PUT', lighthouses],
    ['POST', `${lighthouses}/u1`],
    ['DELETE', '/api/coast'],
    ['constructor', lighthouses],
  ])('%s on %s is 405 with code 3 and says what is allowed', async (method, url) => {
    const { status, headers, json } = await send(coast(), method, url);
    expect(status).toBe(405);
    expect(json.error?.code).toBe('3');
    expect(headers['allow']).toContain('GET, HEAD, OPTIONS');
  });

  test('HEAD answers as GET does, without the body', async () => {
    const get = await send(coast(), 'GET', `${lighthouses}?max_records=1`);
    const head = await send(coast(), 'HEAD', `${lighthouses}?max_records=1`);
    const length = `${Buffer.byteLength(get.body)}`;
    expect(head).toEqual({
      status: 200,
      headers: { ...get.headers, 'content-length': length },
      body: '',
      json: {},
      route: '/api/coast/lighthouses',
    });
  });

  test('a body on GET is refused', async () => {
    const { status, json } = await send(coast(), 'GET', lighthouses, { json: {} });
    expect([status, json.error?.code]).toEqual([400, '262198']);
  });
});

describe('releases', () => {
  test('a field newer than the release is unknown in fields, filters and bodies', async () => {
    const old = coast(undefined, { release: '9.16.1' });
    const asked = await send(old, 'GET', `${lighthouses}?fields=keeper.phone`);
    const filtered = await send(old, 'GET', `${lighthouses}?keeper.phone=1`);
    const posted = await send(old, 'POST', lighthouses, { json: { keeper: { phone: '1' } } });
    expect([asked, filtered, posted].map(({ json }) => json.error?.code)).toEqual([
      '262197',
      '262179',
      '262179',
    ]);
    const whole = await send(old, 'GET', `${lighthouses}/u1`);
    expect(whole.json).toMatchObject({ keeper: { name: 'Ann' } });
    expect(whole.json).not.toHaveProperty('keeper.phone');
  });

  test('a field that ended is only known up to its last release', async () => {
    const url = `${lighthouses}/u1?fields=oil`;
    expect((await send(coast(undefined, { release: '9.9.1' }), 'GET', url)).status).toBe(200);
    expect((await send(coast(undefined, { release: '9.10.1' }), 'GET', url)).status).toBe(400);
  });

  test('a filter may be newer than its field', async () => {
    const old = coast(undefined, { release: '9.14.1' });
    expect((await send(old, 'GET', `${lighthouses}?kind=rock`)).json.error?.code).toBe('262179');
    expect((await send(old, 'GET', `${lighthouses}?fields=kind`)).status).toBe(200);
  });

  test('POST knows continue_on_failure since it takes several records', async () => {
    const url = `${lighthouses}?continue_on_failure=true`;
    const post = (release: string) =>
      send(coast(undefined, { release }), 'POST', url, { json: { name: 'n' } });
    expect((await post('9.9.1')).json.error).toMatchObject({ code: '262179', target: 'continue_on_failure' });
    expect((await post('9.10.1')).status).toBe(201);
    const old = coast(undefined, { release: '9.8' });
    expect((await send(old, 'DELETE', `${url}&name=fastnet`)).status).toBe(200);
  });

  test('ignore_unknown_fields is itself unknown before 9.11.1', async () => {
    const url = `${lighthouses}?ignore_unknown_fields=true&fields=nothing`;
    expect((await send(coast(undefined, { release: '9.10.1' }), 'GET', url)).status).toBe(400);
    expect((await send(coast(undefined, { release: '9.11.1' }), 'GET', url)).status).toBe(200);
  });
});

describe('SVM tunnelling', () => {
  test.each([
    [{ tunnelSvmName: 'atlantic' }, ['u1', 'u2']],
    [{ tunnelSvmUuid: 'svm-2' }, ['u3']],
    [{ tunnelSvmName: 'atlantic', tunnelSvmUuid: 'svm-1' }, ['u1', 'u2']],
  ])('%o narrows the collection', async (ask, keys) => {
    const { json } = await send(coast(), 'GET', lighthouses, ask);
    expect(json.records?.map(({ uuid }) => uuid)).toEqual(keys);
  });

  test.each([
    [{ tunnelSvmName: 'baltic' }, 404, '2621462'],
    [{ tunnelSvmUuid: 'svm-9' }, 404, '2621462'],
    [{ tunnelSvmName: 'atlantic', tunnelSvmUuid: 'svm-2' }, 400, '2621706'],
    [{ tunnelSvmName: 'atlantic', tunnelSvmUuid: 'svm-9' }, 404, '2621462'],
  ])('%o is refused with %i and code %s', async (ask, status, code) => {
    const response = await send(coast(), 'GET', lighthouses, ask);
    expect([response.status, response.json.error?.code]).toEqual([status, code]);
  });

  test.each(['mediterranean', 'baltic'])('an account of another SVM cannot tunnel to %s', async (name) => {
    const principal = { account: 'vsadmin', role: 'vsadmin', svmUuid: 'svm-1' };
    const response = await send(coast(), 'GET', lighthouses, { principal, tunnelSvmName: name });
    expect([response.status, response.json.error?.code]).toEqual([403, '6']);
  });

  test('an account may name its own SVM', async () => {
    const principal = { account: 'vsadmin', role: 'vsadmin', svmUuid: 'svm-2' };
    const response = await send(coast(), 'GET', lighthouses, { principal, tunnelSvmName: 'mediterranean' });
    expect(response.json.num_records).toBe(1);
  });
});

describe('descriptors', () => {
  const field: Field<unknown> = { type: 'string', description: '', get: () => 'x' };
  const collection = (fields: Readonly<Record<string, Field<unknown>>>): Resource<unknown> => ({
    kind: 'collection',
    path: '/things',
    title: 'Things',
    key: 'uuid',
    fields,
    list: () => ({ kind: 'rows', rows: [] }),
    find: () => undefined,
  });

  test.each([
    ['no key', {}, 'the key uuid is no readable field'],
    ['a key that cannot be read', { uuid: { type: 'string', description: '' } as const }, 'the key uuid'],
    ['a field that is also an object', { uuid: field, svm: field, 'svm.name': field }, 'svm is both'],
    ['an alias that is taken', { uuid: field, name: { ...field, aliases: ['uuid'] } }, 'two fields'],
  ])('with %s are refused at the start', (_, fields, message) => {
    expect(() => coast([], { resources: [collection(fields)] })).toThrow(message);
  });

  test('a resource newer than the release does not exist', async () => {
    const resource = { ...collection({ uuid: field }), since: '9.19.1' };
    const answer = await send(coast([], { resources: [resource] }), 'GET', '/api/things');
    expect([answer.status, answer.json.error?.code]).toEqual([404, '3']);
  });
});

describe('failures', () => {
  test('what a resource throws is reported to us and not to the client', async () => {
    const shore = coast();
    shore.station.thrown = new Error('the lens is cracked');
    const { status, body } = await send(shore, 'GET', lighthouses);
    expect(status).toBe(500);
    expect(body).not.toContain('lens');
    expect(shore.station.bugs).toEqual([shore.station.thrown]);
  });

  test('a client that went away is no bug', async () => {
    const shore = coast();
    const signal = AbortSignal.abort(new Error('gone'));
    shore.station.thrown = signal.reason;
    await send(shore, 'GET', lighthouses, { signal });
    expect(shore.station.bugs).toEqual([]);
  });

  test('a code that a resource registered has its status', async () => {
    const { status, json } = await send(coast(), 'POST', lighthouses, { json: { name: 'pharos' } });
    expect(status).toBe(409);
    expect(json.error).toEqual({ message: 'exists', code: '77000001', target: 'name' });
  });

  test('the first problem is the error, the others are its arguments', async () => {
    const { json } = await send(coast(), 'GET', `${lighthouses}?flavour=1&max_records=0`);
    expect(json.error).toEqual({
      message: 'Unexpected argument "flavour".',
      code: '262179',
      target: 'flavour',
      arguments: [
        { code: '262197', message: 'The value "0" is invalid for field "max_records" (<integer from 1>)' },
      ],
    });
  });
});
