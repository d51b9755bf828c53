import { describe, expect, it } from 'vitest';
import { ApiError, UnavailableError, UnconfirmedError, UnexpectedAnswerError } from './index.ts';
import { type Scripted, scriptedServer } from './testing/scripted-server.ts';

const refusal = (status: number, code = '4', message = 'gone'): Scripted => ({
  status,
  body: { error: { code, message } },
});
const page = (status: number): Scripted => ({ status, body: '<html>Bad gateway</html>' });
const begun = { status: 202, body: { job: { uuid: 'j1' } } };
const path = '/storage/volumes';
const thrownBy = (change: Promise<unknown>): Promise<unknown> => change.catch((thrown: unknown) => thrown);

describe('a look that fails after a change says so, and nothing of a refusal', () => {
  const failing: readonly (readonly [string, Scripted | Error])[] = [
    ['404', refusal(404)],
    ['403', refusal(403)],
    ['503', refusal(503)],
    ["a proxy's page", page(502)],
    ['a failure of the transport', new Error('no way there')],
  ];

  it.each(failing)('at what was made: %s', async (_, look) => {
    const made = { status: 201, headers: { location: `/api${path}/7` } };
    const { api } = scriptedServer([made, look], { retries: 0 });
    const error = await thrownBy(api.collection(path).create({}));
    expect(error).toBeInstanceOf(UnconfirmedError);
    expect(error).not.toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ isDone: true, mayBeDone: true, mayPass: false });
    expect(error).toMatchObject({
      message: expect.stringMatching(/^A record of .* was made, and a look at it /),
    });
    expect(error).toMatchObject({ cause: expect.any(Error) });
  });

  it.each(failing)('at its job: %s', async (_, look) => {
    const { api } = scriptedServer([begun, look, begun, look, begun, look], { retries: 0 });
    const volumes = api.collection(path);
    const changes = [
      () => volumes.create({}),
      () => volumes.modify('1', {}),
      () => volumes.where('name', '=', 'a').delete(),
    ];
    for (const change of changes) {
      const error = await thrownBy(change());
      expect(error).toBeInstanceOf(UnconfirmedError);
      expect(error).toMatchObject({ isDone: false, mayBeDone: true, cause: expect.any(Error) });
    }
  });

  it('at what a job has made', async () => {
    const done = { body: { state: 'success', description: `POST /api${path}/7` } };
    const { api } = scriptedServer([begun, done, refusal(403)]);
    await expect(api.collection(path).create({})).rejects.toMatchObject({ isDone: true });
  });

  it('but for one that the caller ends', async () => {
    const ending = new AbortController();
    const { api } = scriptedServer([begun, { body: { state: 'running' } }]);
    const change = api.collection(path).modify('1', {}, { signal: ending.signal });
    ending.abort(new Error('enough'));
    await expect(change).rejects.toThrow('enough');
  });
});

it('what was made is what was told of it where its place leads nowhere', async () => {
  const made = { status: 202, body: { ...begun.body, records: [{ uuid: '7', name: 'made' }] } };
  const placed = { ...made, headers: { location: '/api/resourcelink' } };
  const { api } = scriptedServer([placed, { body: { state: 'success' } }, refusal(404)]);
  expect(await api.collection(path).create({})).toEqual({ uuid: '7', name: 'made' });
});

describe('a change may be done', () => {
  it.each([502, 504])("where a proxy's page (%i) answers it, or its words in JSON", async (status) => {
    const { api } = scriptedServer([page(status), refusal(status), page(status)], { retries: 0 });
    const volumes = api.collection(path);
    for (const type of [UnexpectedAnswerError, ApiError]) {
      const error = await thrownBy(volumes.modify('1', {}));
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ status, mayBeDone: true });
    }
    await expect(volumes.get('1')).rejects.toMatchObject({ mayBeDone: false });
  });

  it.each([
    [500, '65541'],
    [500, '65552'],
    [503, '65552'],
  ])("where the server's own parts (%i, %s) were not heard of in time", async (status, code) => {
    const asked = { ...refusal(status, code), headers: { 'retry-after': '3' } };
    const { api } = scriptedServer([refusal(status, code), asked, refusal(status, code)], { retries: 0 });
    const volumes = api.collection(path);
    await expect(volumes.delete('1')).rejects.toMatchObject({ mayBeDone: true });
    await expect(volumes.delete('1')).rejects.toMatchObject({ mayBeDone: false });
    await expect(volumes.get('1')).rejects.toMatchObject({ mayBeDone: false });
  });

  it.each([[400], [403], [404], [409], [429], [500], [503]])(
    'and not where it is refused (%i)',
    async (status) => {
      const { api } = scriptedServer([refusal(status)]);
      await expect(api.collection(path).delete('1')).rejects.toMatchObject({ mayBeDone: false });
    },
  );

  it('where its answer cannot be read', async () => {
    const { api } = scriptedServer([page(200), { body: { records: 'seven' } }, page(200)]);
    await expect(api.collection(path).delete('1')).rejects.toMatchObject({ mayBeDone: true });
    await expect(api.collection(path).create({})).rejects.toMatchObject({ mayBeDone: true });
    await expect(api.collection(path).get('1')).rejects.toMatchObject({ mayBeDone: false });
  });

  it.each([
    { status: 202, body: {} },
    { status: 202, body: { jobs: [] } },
    { status: 202, body: { job: { uuid: 5 } } },
  ])('where it was begun, and the answer does not say as which job: %j', async (answer) => {
    const { api } = scriptedServer([answer, answer]);
    await expect(api.collection(path).create({})).rejects.toMatchObject({ mayBeDone: true });
    const change = api.collection(path).where('name', '=', 'a').modify({});
    await expect(change).rejects.toThrow(UnexpectedAnswerError);
    await expect(change).rejects.toMatchObject({ mayBeDone: true });
  });
});

it('a server that cannot answer now says so to a change too, and it is not done', async () => {
  const { api } = scriptedServer([page(503)]);
  const change = api.collection(path).modify('1', {});
  await expect(change).rejects.toThrow(UnavailableError);
  await expect(change).rejects.toMatchObject({ mayBeDone: false });
});
