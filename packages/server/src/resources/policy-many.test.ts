import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { goodPolicy, startTestServer, type TestServer } from '../testing/test-server.ts';

const policies = '/api/security/ipsec/policies';
const onward = `${policies}?continue_on_failure=true`;
const nobody = '00000000-0000-4000-8000-000000000000';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  await server.request('DELETE', `${policies}?name=*`);
});
afterAll(() => server.close());

const named = (name: string, over: object = {}) => ({ ...goodPolicy, name, ...over });

async function uuidsOf(...names: readonly string[]): Promise<readonly string[]> {
  const { status, body } = await server.request('POST', `${policies}?return_records=true`, {
    records: names.map((name) => named(name)),
  });
  expect(status).toBe(201);
  return body.records.map(({ uuid }: { uuid: string }) => uuid);
}

async function names(filter = ''): Promise<readonly string[]> {
  const { body } = await server.request('GET', `${policies}?order_by=name${filter}`);
  return body.records.map(({ name }: { name: string }) => name);
}

describe('POST of many policies', () => {
  it('creates them in order, and tells how many', async () => {
    const records = ['c', 'a', 'b'].map((name) => named(name));
    const answer = await server.request('POST', `${policies}?serial_records=true&return_records=true`, {
      records,
    });
    expect(answer).toMatchObject({ status: 201, body: { num_records: 3 } });
    expect(answer.body.records.map(({ name }: { name: string }) => name)).toEqual(['c', 'a', 'b']);
    expect(answer.headers).not.toHaveProperty('location');
  });

  it('creates none of no records', async () => {
    expect(await server.request('POST', policies, { records: [] })).toMatchObject({
      status: 201,
      body: { num_records: 0 },
    });
  });

  it.each([
    [{ records: [named('a'), { ...named('b'), colour: 'red' }] }, '262179', 'records[1].colour'],
    [{ records: [named('a'), 7] }, '262185', 'records[1]'],
    [{ records: [named('a'), { ...named('b'), uuid: nobody }] }, '262196', 'records[1].uuid'],
    [{ records: [named('a')], name: 'b' }, '262186', 'name'],
    [{ records: { name: 'a' } }, '262197', 'records'],
  ])('creates none while a body cannot be read: %j', async (body, code, target) => {
    const answer = await server.request('POST', policies, body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code, target } } });
    expect(await names()).toEqual([]);
  });

  it('ends at the first that is refused, and goes past it only when told to', async () => {
    const records = [named('a'), named('a'), named('b', { protocol: 'x' }), named('c')];
    const ended = await server.request('POST', policies, { records });
    expect(ended).toMatchObject({
      status: 409,
      body: { num_records: 1, error: { code: '66257104', target: 'records[1].name' } },
    });
    expect(ended.body.error).not.toHaveProperty('arguments');
    expect(await names()).toEqual(['a']);
    const { status, body } = await server.request('POST', `${onward}&return_records=true`, {
      records: [...records, { ...named('d'), colour: 'red' }],
    });
    expect({ status, done: body.records.map(({ name }: { name: string }) => name) }).toEqual({
      status: 409,
      done: ['c'],
    });
    expect(body.error).toMatchObject({ code: '66257104', target: 'records[0].name' });
    expect(body.error.arguments.map(({ code }: { code: string }) => code)).toEqual([
      '66257104',
      '262185',
      '262179',
    ]);
    expect(await names()).toEqual(['a', 'c']);
  });

  it('fails cleanly where a limit is reached', async () => {
    const small = await startTestServer('--policies-per-svm', '3', '--policies-per-cluster', '4');
    const many = (count: number, over: object = {}) => ({
      records: Array.from({ length: count }, (_, index) => named(`p${index}`, over)),
    });
    const ofSvm = await small.request('POST', policies, many(5));
    expect(ofSvm).toMatchObject({
      status: 400,
      body: { num_records: 3, error: { code: '66257121', target: 'records[3].svm.name' } },
    });
    const ofCluster = await small.request('POST', policies, many(2, { scope: 'cluster' }));
    expect(ofCluster).toMatchObject({
      status: 400,
      body: { num_records: 1, error: { code: '66257130', target: 'records[1].name' } },
    });
    expect((await small.request('GET', policies)).body.num_records).toBe(4);
    await small.request('DELETE', `${policies}?name=p0&scope=svm`);
    expect(await small.request('POST', policies, many(1))).toMatchObject({ status: 201 });
    await small.close();
  });
});

describe('PATCH of many policies', () => {
  it('by query gives all the same, by records each its own', async () => {
    const [a, b] = await uuidsOf('a', 'b', 'c');
    const all = await server.request('PATCH', `${policies}?name=a|b`, { enabled: false });
    expect(all).toMatchObject({ status: 200, body: { num_records: 2 } });
    expect(await names('&enabled=false')).toEqual(['a', 'b']);
    const each = await server.request('PATCH', policies, {
      records: [
        { uuid: a, enabled: true },
        { uuid: b, protocol: 'udp', ppk: { identity: 'quantum', shared_key: 'a key for another day' } },
      ],
    });
    expect(each).toMatchObject({ status: 200, body: { num_records: 2 } });
    expect(await names('&enabled=true')).toEqual(['a', 'c']);
    expect(await names('&protocol=udp&ppk.identity=quantum')).toEqual(['b']);
  });

  it('changes nothing when one is not there, and all others when told to go on', async () => {
    const [a, b] = await uuidsOf('a', 'b');
    const records = [a, nobody, b].map((uuid) => ({ uuid, enabled: false }));
    const ended = await server.request('PATCH', policies, { records });
    expect(ended).toMatchObject({ status: 404, body: { error: { code: '4', target: 'records[1].uuid' } } });
    expect(await names('&enabled=false')).toEqual([]);
    const past = await server.request('PATCH', onward, { records });
    expect(past).toMatchObject({
      status: 404,
      body: { num_records: 2, error: { code: '4', target: 'records[1].uuid' } },
    });
    expect(await names('&enabled=false')).toEqual(['a', 'b']);
  });

  it('leaves a record as it was when anything of its own is wrong', async () => {
    const [a, b] = await uuidsOf('a', 'b');
    const { status, body } = await server.request('PATCH', onward, {
      records: [
        { uuid: a, enabled: false, protocol: 'udp', remote_endpoint: { port: 'x' } },
        { uuid: a, enabled: false, secret_key: 'short' },
        { uuid: a, enabled: false, scope: 'cluster' },
        { enabled: false },
        { uuid: b, enabled: false },
      ],
    });
    expect({ status, num_records: body.num_records }).toEqual({ status: 400, num_records: 1 });
    expect(body.error).toMatchObject({ code: '262185', target: 'records[0].remote_endpoint.port' });
    const codes = body.error.arguments.map(({ code }: { code: string }) => code);
    expect(codes.sort()).toEqual(['262177', '262196', '66257200']);
    expect(await names('&enabled=true&protocol=tcp')).toEqual(['a']);
    expect(await names('&enabled=false')).toEqual(['b']);
  });

  it('applies two changes of one record one after the other', async () => {
    const [a] = await uuidsOf('a');
    const records = [
      { uuid: a, name: 'first', enabled: false },
      { uuid: a, name: 'second' },
    ];
    expect(await server.request('PATCH', policies, { records })).toMatchObject({
      status: 200,
      body: { num_records: 2 },
    });
    expect(await names('&enabled=false')).toEqual(['second']);
  });

  it('ends at the name that is taken, what came before it stays', async () => {
    await uuidsOf('a', 'b', 'c');
    const taken = await server.request('PATCH', `${policies}?name=*&order_by=name`, { name: 'x' });
    expect(taken).toMatchObject({ status: 409, body: { num_records: 1, error: { code: '66257104' } } });
    expect(await names()).toEqual(['b', 'c', 'x']);
  });
});

describe('DELETE of many policies', () => {
  it('by records takes keys alone', async () => {
    const [a, b] = await uuidsOf('a', 'b', 'c');
    const named = await server.request('DELETE', policies, { records: [{ uuid: a, name: 'a' }] });
    expect(named).toMatchObject({
      status: 400,
      body: { error: { code: '262196', target: 'records[0].name' } },
    });
    const done = await server.request('DELETE', policies, { records: [{ uuid: a }, { uuid: b }] });
    expect(done).toMatchObject({ status: 200, body: { num_records: 2 } });
    expect(await names()).toEqual(['c']);
    expect(await server.request('DELETE', policies, { records: [] })).toMatchObject({
      status: 200,
      body: { num_records: 0 },
    });
  });

  it('takes a record once, however often it is named', async () => {
    const [a, b] = await uuidsOf('a', 'b');
    const records = [a, a, b].map((uuid) => ({ uuid }));
    const ended = await server.request('DELETE', policies, { records });
    expect(ended).toMatchObject({ status: 404, body: { num_records: 1, error: { code: '4' } } });
    expect(await names()).toEqual(['b']);
    const past = await server.request('DELETE', onward, { records });
    expect(past).toMatchObject({ status: 404, body: { num_records: 1, error: { code: '4' } } });
    expect(await names()).toEqual([]);
  });

  it('goes only among the records a query lets through', async () => {
    const [a, b] = await uuidsOf('a', 'b');
    const records = [a, b].map((uuid) => ({ uuid }));
    const url = `${policies}?name=b&continue_on_failure=true`;
    expect(await server.request('DELETE', url, { records })).toMatchObject({
      status: 404,
      body: { num_records: 1, error: { code: '4', target: 'records[0].uuid' } },
    });
    expect(await names()).toEqual(['a']);
  });

  it('by query goes past what another request deletes meanwhile', async () => {
    await uuidsOf('w1', 'w2', 'w3', 'w4', 'w5', 'w6');
    const url = `${policies}?name=w*`;
    const answers = await Promise.all([1, 2, 3].map(() => server.request('DELETE', url)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const counts = answers.map(({ body }) => Number(body.num_records));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(6);
    expect(await names()).toEqual([]);
  });

  it.each([undefined, {}, null])('needs to be told which: %j', async (body) => {
    await uuidsOf('a');
    const { status } = await server.request('DELETE', policies, body);
    expect(status).toBe(400);
    expect(await names()).toEqual(['a']);
  });
});
