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

it('a page that is its own next ends in an error, and not never', async () => {
  const { api } = scriptedServer([page(['a'], 'start=2'), page(['a'], 'start=2')]);
  await expect(api.collection(path).toArray()).rejects.toThrow(UnexpectedAnswerError);
});

it('records that are not all, or not of now, come with what the server says of them', async () => {
  const error = { code: '66257399', message: 'charon does not answer' };
  const stale = { body: { records: [{ uuid: '1' }], observed_at: '2026-01-31T12:00:00Z', error } };
  const heard: unknown[] = [];
  const { api } = scriptedServer([stale, stale], { onIncomplete: (detail) => heard.push(detail) });
  const sas = api.collection('/security/ipsec/security-associations');
  expect(await sas.toArray()).toEqual([{ uuid: '1' }]);
  expect(heard).toEqual([error]);
  const pages = await Array.fromAsync(sas.pages());
  expect(pages).toEqual([
    { records: [{ uuid: '1' }], observedAt: '2026-01-31T12:00:00Z', incomplete: error },
  ]);
});
