import { expect, it } from 'vitest';
import { UnexpectedAnswerError } from './index.ts';
import { scriptedServer } from './testing/scripted-server.ts';

const path = '/security/ipsec/policies';
const page = (names: readonly string[], start?: string) => ({
  body: {
    records: names.map((name) => ({ name })),
    num_records: names.length,
    ...(start === undefined ? {} : { _links: { next: { href: `/api${path}?${start}` } } }),
  },
});

it('pages follow one another when their records are consumed, and not before', async () => {
  const { api, lines } = scriptedServer([page(['a', 'b'], 'start=2'), page([], 'start=3'), page(['c'])]);
  const seen: unknown[] = [];
  for await (const { name } of api.collection(path).pageSize(2)) {
    seen.push([name, lines().length]);
  }
  expect(seen).toEqual([
    ['a', 1],
    ['b', 1],
    ['c', 3],
  ]);
  expect(lines()).toEqual([
    `GET /api${path}?max_records=2`,
    `GET /api${path}?start=2`,
    `GET /api${path}?start=3`,
  ]);
});

it('who stops reading asks for no more', async () => {
  const { api, lines } = scriptedServer([page(['a', 'b'], 'start=2')]);
  for await (const _ of api.collection(path)) break;
  expect(
    await scriptedServer([page([], 's=1'), page(['x'])])
      .api.collection(path)
      .first(),
  ).toEqual({ name: 'x' });
  expect(lines()).toHaveLength(1);
});

it('a count is that of all pages, without their records', async () => {
  const { api, lines } = scriptedServer([page(['a', 'b'], 'start=2&return_records=false'), page(['c'])]);
  expect(await api.collection(path).where('enabled', '=', true).count()).toBe(3);
  expect(lines()[0]).toBe(`GET /api${path}?enabled=true&return_records=false`);
  const silent = scriptedServer([{ body: {} }]);
  await expect(silent.api.collection(path).count()).rejects.toThrow(UnexpectedAnswerError);
});

it('a change that takes longer than its request may goes on at its link, with the same method and body', async () => {
  const { api, requests, lines } = scriptedServer([page(['a', 'b'], 'name=n*&start=2'), page(['c'])]);
  expect(await api.collection(path).where('name', 'like', 'n*').modify({ enabled: false })).toBe(3);
  expect(lines()).toEqual([`PATCH /api${path}?name=n*`, `PATCH /api${path}?name=n*&start=2`]);
  expect(requests[1]?.body).toBe('{"enabled":false}');
});

it('a link to another server is not followed: it would get our password', async () => {
  const foreign = {
    body: { records: [], _links: { next: { href: 'https://elsewhere.example.com/api/x' } } },
  };
  const { api, lines } = scriptedServer([foreign], { user: 'admin', password: 'secret' });
  await expect(api.collection(path).toArray()).rejects.toThrow(/elsewhere\.example\.com/);
  const schemeless = { body: { records: [], _links: { next: { href: '//elsewhere.example.com/api/x' } } } };
  await expect(scriptedServer([schemeless]).api.collection(path).toArray()).rejects.toThrow(/elsewhere/);
  expect(lines()).toHaveLength(1);
});

it('pages that lead round, or on and on with nothing, end in an error, and not never', async () => {
  const round = [page(['a'], 'start=1'), page(['b'], 'start=2'), page(['a'], 'start=1')];
  await expect(scriptedServer(round).api.collection(path).toArray()).rejects.toThrow(UnexpectedAnswerError);
  const nothing = Array.from({ length: 1_000 }, (_, index) => page([], `start=${index}`));
  for (const ask of ['toArray', 'count'] as const) {
    const { api, lines } = scriptedServer(nothing);
    await expect(api.collection(path)[ask]()).rejects.toThrow(/no end/);
    expect(lines()).toHaveLength(100);
  }
  const late = [...nothing.slice(0, 90), page(['a'], 'start=a'), ...nothing.slice(100, 190), page(['b'])];
  expect(await scriptedServer(late).api.collection(path).toArray()).toHaveLength(2);
});

it('a next page of something else is not asked for, and nothing is deleted there', async () => {
  for (const href of ['/api/svm/svms?x=1', `/api${path}/1`, `/api${path}/../policies%2F1`, 'https://[', '']) {
    const { api, lines } = scriptedServer([{ body: { num_records: 1, _links: { next: { href } } } }]);
    const deletion = api.collection(path).where('name', '=', 'a').delete();
    await expect(deletion, href).rejects.toThrow(UnexpectedAnswerError);
    await expect(deletion).rejects.toMatchObject({ recordsDone: 1 });
    expect(lines()).toHaveLength(1);
  }
});

it('a path is the same however a server encodes it', async () => {
  const privileges = '/security/roles/{owner.uuid}/{name}/privileges';
  const next = {
    body: { records: [], _links: { next: { href: '/api/security/roles/a:b/c%20d/privileges?s=1' } } },
  };
  const { api, lines } = scriptedServer([next, page(['x'])]);
  expect(await api.collection(privileges, 'a:b', 'c d').toArray()).toHaveLength(1);
  expect(lines()[0]).toContain('/a%3Ab/c%20d/');
});

it('how far a change has come is told after each request, also to who then ends it', async () => {
  const { api } = scriptedServer([page(['a', 'b'], 'start=2'), page(['c'], 'start=3'), page(['d'])]);
  const ending = new AbortController();
  const heard: number[] = [];
  const onProgress = (recordsDone: number) => {
    heard.push(recordsDone);
    if (recordsDone === 3) ending.abort();
  };
  const { signal } = ending;
  const change = api.collection(path).where('enabled', '=', true).delete({ signal, onProgress });
  await expect(change).rejects.toThrow(/abort/);
  expect(heard).toEqual([2, 3]);
});

it('a page that is its own next ends in an error, and not never', async () => {
  const { api } = scriptedServer([page(['a'], 'start=2'), page(['a'], 'start=2')]);
  await expect(api.collection(path).toArray()).rejects.toThrow(UnexpectedAnswerError);
});

it('records that are not all, or not of now, come with what the server says of them', async () => {
  const error = { code: '66257399', message: 'charon does not answer' };
  const stale = { body: { records: [{ uuid: '1' }], observed_at: '2026-01-31T12:00:00Z', error } };
  const heard: unknown[] = [];
  const { api } = scriptedServer([stale, stale], { onIncomplete: (...told) => heard.push(...told) });
  const sas = api.collection('/security/ipsec/security-associations');
  expect(await sas.toArray()).toEqual([{ uuid: '1' }]);
  expect(heard).toEqual([error, '2026-01-31T12:00:00Z']);
  const pages = await Array.fromAsync(sas.pages());
  expect(pages).toEqual([
    { records: [{ uuid: '1' }], observedAt: '2026-01-31T12:00:00Z', incomplete: error },
  ]);
});
