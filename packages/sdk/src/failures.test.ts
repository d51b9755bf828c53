import { describe, expect, it } from 'vitest';
import {
  type Api,
  ApiError,
  type ApiRequest,
  ConflictError,
  ConnectionError,
  ForbiddenError,
  InvalidRequestError,
  NotFoundError,
  PreconditionFailedError,
  UnauthorizedError,
  UnavailableError,
  UnexpectedAnswerError,
} from './index.ts';
import { type Scripted, scriptedServer } from './testing/scripted-server.ts';

const path = '/security/ipsec/policies';
const refusal = (status: number, headers = {}): Scripted => ({
  status,
  headers,
  body: { error: { code: '262197', message: 'The value is invalid.', target: 'name' } },
});
const empty = { body: { records: [] } };
const broken = new ConnectionError('the connection broke');

describe('a refusal', () => {
  it.each([
    [400, InvalidRequestError],
    [401, UnauthorizedError],
    [403, ForbiddenError],
    [404, NotFoundError],
    [409, ConflictError],
    [412, PreconditionFailedError],
    [429, UnavailableError],
    [500, ApiError],
    [503, UnavailableError],
  ])('with %i has a class of its own, with code, target and sentence', async (status, type) => {
    const { api } = scriptedServer([refusal(status)]);
    const error = await api
      .collection(path)
      .get('1')
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ status, code: '262197', target: 'name', message: 'The value is invalid.' });
  });

  it('tells what else is wrong, and how many records were changed all the same', async () => {
    const body = {
      num_records: 2,
      error: { code: '4', message: 'x', arguments: [{ code: '262197', message: 'y' }] },
    };
    const { api } = scriptedServer([{ status: 404, body }]);
    const deletion = api.collection(path).where('name', '=', 'a').delete();
    await expect(deletion).rejects.toMatchObject({
      recordsDone: 2,
      others: [{ code: '262197', message: 'y' }],
    });
  });

  it('counts what earlier requests of the same change have done', async () => {
    const first = { body: { num_records: 5, _links: { next: { href: `/api${path}?start=5` } } } };
    const then = { status: 409, body: { num_records: 2, error: { code: '8', message: 'in use' } } };
    const { api } = scriptedServer([first, then]);
    await expect(api.collection(path).where('name', '=', 'a').delete()).rejects.toMatchObject({
      recordsDone: 7,
    });
  });

  it.each([
    ['a connection that broke', new ConnectionError('broken', { mayBeDone: true })],
    ['an answer that is none', { status: 502, body: '<html>' }],
  ])('counts it before %s too', async (_, then) => {
    const first = { body: { num_records: 5, _links: { next: { href: `/api${path}?start=5` } } } };
    const { api } = scriptedServer([first, then]);
    await expect(api.collection(path).where('name', '=', 'a').delete()).rejects.toMatchObject({
      recordsDone: 5,
    });
  });

  it('of a change is one with a status of success too, which was done in part', async () => {
    const error = { code: '262197', message: 'The value is invalid.' };
    const partly = { body: { num_records: 2, error } };
    const { api } = scriptedServer([partly, { status: 202, body: { error } }]);
    const change = api.collection(path).where('name', '=', 'a').modify({ enabled: false });
    await expect(change).rejects.toThrow(ApiError);
    await expect(change).rejects.toMatchObject({ ...error, recordsDone: 2 });
    await expect(api.collection(path).delete('1')).rejects.toMatchObject(error);
  });

  it('beside the one record that was made is told, and no refusal; beside one of several it is', async () => {
    const error = { code: '4', message: "entry doesn't exist" };
    const made = { status: 201, body: { num_records: 1, records: { uuid: '7' }, error } };
    const heard: unknown[] = [];
    const { api } = scriptedServer([made, made, { ...made, body: { num_records: 0, error } }], {
      onIncomplete: (detail) => heard.push(detail),
    });
    const volumes = api.collection('/storage/volumes');
    expect(await volumes.create({})).toEqual({ uuid: '7' });
    expect(heard).toEqual([error]);
    await expect(volumes.create({ records: [{}, {}] })).rejects.toMatchObject({ ...error, recordsDone: 1 });
    await expect(volumes.create({})).rejects.toMatchObject({ ...error, recordsDone: 0 });
  });
});

describe('an answer that is none of the API', () => {
  it.each([
    [200, '<html>Welcome</html>'],
    [200, '[]'],
    [200, `${'{"a":['.repeat(20_000)}${']}'.repeat(20_000)}`],
    [302, ''],
    [404, 'no such page'],
    [502, '<html>Bad gateway</html>'],
  ])('(%i, %.40s) is said to be that', async (status, body) => {
    const { api } = scriptedServer([{ status, body }], { url: 'https://u:p@www.example.com' });
    const error = await api
      .collection(path)
      .get('1')
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnexpectedAnswerError);
    expect(error).toMatchObject({ status, message: expect.stringContaining('https://www.example.com/api/') });
  });

  it('is said to be a login that is not accepted, or too much, where its status says so', async () => {
    const { api } = scriptedServer([
      { status: 401, body: '<html>' },
      { status: 503, body: '' },
    ]);
    await expect(api.collection(path).get('1')).rejects.toThrow(UnauthorizedError);
    await expect(api.collection(path).get('1')).rejects.toThrow(UnavailableError);
  });

  it('is kept where it is JSON: what is outside the API says things in its own form', async () => {
    const { api } = scriptedServer([{ status: 503, body: { ready: false } }]);
    const readiness = api.call('GET', '/readyz', undefined, { isOutsideApi: true });
    await expect(readiness).rejects.toMatchObject({ status: 503, body: { ready: false } });
  });

  it.each([[[null, 5]], [['text']], [[[]]], ['text'], [7], [null]])(
    'has records that are none: %j',
    async (records) => {
      const { api } = scriptedServer(Array(2).fill({ body: { records, num_records: 1 } }));
      await expect(api.collection(path).toArray()).rejects.toThrow(UnexpectedAnswerError);
      await expect(api.collection(String(path)).create({})).rejects.toThrow(UnexpectedAnswerError);
    },
  );

  it('is no collection where a record is', async () => {
    const { api } = scriptedServer([{ body: { enabled: true } }]);
    await expect(api.collection('/security/ipsec').toArray()).rejects.toThrow(/no collection/);
  });
});

describe('a request that failed is sent again', () => {
  it('where nothing answered a GET, and at most as often as wished', async () => {
    const { api, lines } = scriptedServer([broken, broken, empty, broken], { retries: 2 });
    expect(await api.collection(path).toArray()).toEqual([]);
    expect(lines()).toHaveLength(3);
    await expect(api.with({ retries: 0 }).collection(path).toArray()).rejects.toBe(broken);
    expect(lines()).toHaveLength(4);
  });

  it('where a GET was asked to wait a little, and not a minute', async () => {
    const { api, lines } = scriptedServer([
      refusal(503, { 'retry-after': '0' }),
      refusal(429, { 'retry-after': '0' }),
      empty,
      refusal(503, { 'retry-after': '60' }),
    ]);
    expect(await api.collection(path).toArray()).toEqual([]);
    await expect(api.collection(path).toArray()).rejects.toMatchObject({ retryAfterSeconds: 60 });
    expect(lines()).toHaveLength(4);
  });

  it('when the date has come that it was asked to wait for, in whatever words that is said', async () => {
    const asked = async (after: string) => {
      const { api } = scriptedServer([refusal(503, { 'retry-after': after })], { retries: 0 });
      const error = await api
        .collection(path)
        .toArray()
        .catch((thrown: unknown) => thrown);
      return error instanceof UnavailableError ? error.retryAfterSeconds : error;
    };
    const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
    expect(await asked(inAnHour)).toBeGreaterThan(3_500);
    expect(await asked(inAnHour)).toBeLessThanOrEqual(3_600);
    expect(await asked('Wed, 21 Oct 2015 07:28:00 GMT')).toBe(0);
    for (const none of ['', '-1', 'soon', '1e3', 'Infinity']) expect(await asked(none)).toBeUndefined();
  });

  it('never where it writes: nobody knows whether it was done', async () => {
    const { api, lines } = scriptedServer([broken, refusal(503, { 'retry-after': '0' })]);
    await expect(api.collection(path).delete('1')).rejects.toBe(broken);
    await expect(api.collection(path).modify('1', {})).rejects.toThrow(UnavailableError);
    expect(lines()).toHaveLength(2);
  });

  it('never where it was refused for good', async () => {
    const { api, lines } = scriptedServer([refusal(400)]);
    await expect(api.collection(path).toArray()).rejects.toThrow(InvalidRequestError);
    expect(lines()).toHaveLength(1);
  });
});

describe('a signal', () => {
  it('ends what is asked, what is waited for, and what has not begun', async () => {
    const reason = new Error('enough');
    const { api, requests, lines } = scriptedServer([refusal(503, { 'retry-after': '9' }), empty]);
    const ending = new AbortController();
    const waiting = api.collection(path).toArray({ signal: ending.signal });
    await expect.poll(() => requests.length).toBe(1);
    expect(requests[0]?.signal?.aborted).toBe(false);
    ending.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(api.with({ signal: ending.signal }).collection(path).toArray()).rejects.toBe(reason);
    expect(lines()).toHaveLength(1);
  });

  it('of the connection and of a call both end the call', async () => {
    const [connection, call] = [new AbortController(), new AbortController()];
    const { api, requests } = scriptedServer([{}, {}], { signal: connection.signal });
    await api.collection(path).delete('1', { signal: call.signal });
    await api.with({ signal: call.signal }).collection(path).delete('1');
    expect(requests.map(({ signal }) => signal?.aborted)).toEqual([false, false]);
    connection.abort();
    expect(requests.map(({ signal }) => signal?.aborted)).toEqual([true, true]);
  });

  const policies = (api: Api) => api.collection(path);
  const named = (api: Api) => policies(api).where('name', '=', 'a');
  it.each<readonly [string, (api: Api, options: { readonly signal: AbortSignal }) => Promise<unknown>]>([
    ['get', (api, options) => policies(api).get('1', options)],
    ['getTagged', (api, options) => policies(api).getTagged('1', options)],
    ['create', (api, options) => api.collection(String(path)).create({}, options)],
    ['modify', (api, options) => policies(api).modify('1', {}, options)],
    ['delete', (api, options) => policies(api).delete('1', options)],
    ['pages', (api, options) => policies(api).pages(options).next()],
    ['toArray', (api, options) => policies(api).toArray(options)],
    ['first', (api, options) => policies(api).first(options)],
    ['count', (api, options) => policies(api).count(options)],
    ['until', (api, options) => policies(api).until(() => true, options)],
    ['modify of many', (api, options) => named(api).modify({}, options)],
    ['delete of many', (api, options) => named(api).delete(options)],
    ['for await', (api, { signal }) => Array.fromAsync(policies(api).endedBy(signal))],
    ['get of the only record', (api, options) => api.record('/cluster').get(options)],
    ['getTagged of the only record', (api, options) => api.record('/cluster').getTagged(options)],
    ['modify of the only record', (api, options) => api.record('/security/ipsec').modify({}, options)],
    ['act', (api, options) => api.act('/esplanade/v1/simulator/reset', [], {}, options)],
    ['call', (api, options) => api.call('POST', '/any', {}, options)],
  ])('ends whatever is asked: %s', async (_, ask) => {
    const ending = new AbortController();
    const { signal } = ending;
    const reason = new Error('enough');
    const requests: ApiRequest[] = [];
    const api = scriptedServer([], {
      transport: (request) => {
        requests.push(request);
        return new Promise((_, reject) => {
          request.signal?.addEventListener('abort', () => reject(request.signal?.reason));
        });
      },
    }).api;
    const asked = ask(api, { signal });
    await expect.poll(() => requests.length).toBe(1);
    ending.abort(reason);
    await expect(asked).rejects.toBe(reason);
    await expect(ask(api, { signal })).rejects.toBe(reason);
    expect(requests).toHaveLength(1);
  });

  it('is the only end of waiting for what does not come', async () => {
    const never = { body: { records: [{ uuid: '1' }] } };
    const { api, lines } = scriptedServer([never, never, never]);
    const ending = new AbortController();
    const isReached = (records: readonly unknown[]) => {
      if (lines().length === 3) ending.abort();
      return records.length > 1;
    };
    const waiting = api.collection(path).until(isReached, { signal: ending.signal, everyMs: 1 });
    await expect(waiting).rejects.toThrow(/abort/);
  });

  it('and no server that is away for a while ends waiting, but what does not pass does', async () => {
    const { api, lines } = scriptedServer([refusal(503), broken, empty, refusal(403)], { retries: 0 });
    expect(await api.collection(path).until(() => true, { everyMs: 1 })).toEqual([]);
    expect(lines()).toHaveLength(3);
    await expect(api.collection(path).until(() => true, { everyMs: 1 })).rejects.toThrow(ForbiddenError);
    const untrusted = new ConnectionError('not trusted', { mayPass: false });
    const other = scriptedServer([untrusted]);
    await expect(other.api.collection(path).until(() => true)).rejects.toBe(untrusted);
  });
});
