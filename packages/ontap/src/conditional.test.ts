import { expect, it } from 'vitest';
import type { ApiRequest, ApiResponse } from './api.ts';
import { failure, genericErrors } from './error-codes.ts';
import type { CollectionResource } from './resource.ts';
import { createApi } from './router.ts';

interface Bell {
  readonly uuid: string;
  readonly tone: string;
  readonly revision: number;
}

/** A bell at revision 7. `between` is what another client does after a change was let in, before it is committed. */
function bells(between: (change: () => void) => void = () => undefined) {
  let bell: Bell | undefined = { uuid: 'u1', tone: 'a', revision: 7 };
  const change = (): void => {
    if (bell !== undefined) bell = { ...bell, tone: 'z', revision: bell.revision + 1 };
  };
  const resource: CollectionResource<Bell> = {
    kind: 'collection',
    path: '/bells',
    title: 'Bells',
    key: 'uuid',
    fields: {
      uuid: { type: 'string', description: 'Key.', isDefault: true, get: ({ uuid }) => uuid },
      tone: {
        type: 'string',
        description: 'Tone.',
        isDefault: true,
        writable: ['post', 'patch'],
        get: ({ tone }) => tone,
      },
    },
    revision: ({ revision }) => revision,
    list: () => ({ kind: 'rows', rows: bell === undefined ? [] : [bell] }),
    find: (key) => (key === bell?.uuid ? bell : undefined),
    create: async (body) => {
      bell = { uuid: 'u2', tone: String(body.get('tone')), revision: 20 };
      return { kind: 'created', key: 'u2', revision: 20 };
    },
    modify: async (_row, body, { unmet }) => {
      between(change);
      if (bell === undefined) return failure(genericErrors.entryNotFound, {});
      const refused = unmet?.(bell.revision);
      if (refused !== undefined) return refused;
      bell = { ...bell, tone: String(body.get('tone') ?? bell.tone), revision: bell.revision + 1 };
      return { kind: 'modified', revision: bell.revision };
    },
    remove: async (_row, { unmet }) => {
      between(change);
      const refused = unmet?.(bell?.revision);
      if (refused !== undefined) return refused;
      bell = undefined;
      return { kind: 'deleted' };
    },
  };
  const api = createApi({
    resources: [resource],
    release: '9.18.1',
    resolveSvm: () => undefined,
    onBug: (error) => {
      throw error;
    },
  });
  const send = (method: string, url: string, ask: Partial<ApiRequest> = {}): Promise<ApiResponse> =>
    api.handle({
      method,
      url: `/api/bells${url}`,
      body: new Uint8Array(),
      principal: { account: 'admin', role: 'admin' },
      signal: new AbortController().signal,
      ...ask,
    });
  return { send, bell: () => bell };
}

const body = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json));
const tone = body({ tone: 'b' });

it('GET and HEAD of a record tell its tag, whatever they show of it; a collection has none', async () => {
  const { send } = bells();
  for (const [method, url] of [
    ['GET', '/u1'],
    ['HEAD', '/u1'],
    ['GET', '/u1?fields=tone'],
  ] as const)
    expect((await send(method, url)).headers).toMatchObject({ etag: '"7"' });
  expect((await send('GET', '')).headers).not.toHaveProperty('etag');
});

it('GET and HEAD answer 304, the tag and nothing else to a client that has the record', async () => {
  const { send } = bells();
  for (const method of ['GET', 'HEAD']) {
    const response = await send(method, '/u1', { ifNoneMatch: 'W/"7", "1"' });
    const route = '/api/bells/{uuid}';
    expect(response).toEqual({ status: 304, headers: { etag: '"7"' }, body: '', route });
    expect((await send(method, '/u1', { ifNoneMatch: '"6"' })).status).toBe(200);
    expect((await send(method, '/u1', { ifMatch: '"6"' })).status).toBe(412);
  }
  expect((await send('GET', '', { ifNoneMatch: '*' })).status).toBe(200);
});

it('POST and PATCH of one record tell the tag that they gave it; DELETE has none to tell', async () => {
  const { send } = bells();
  expect((await send('PATCH', '/u1', { body: tone, ifMatch: '"7"' })).headers).toMatchObject({ etag: '"8"' });
  expect((await send('DELETE', '/u1', { ifMatch: '"8"' })).headers).not.toHaveProperty('etag');
  expect((await send('POST', '', { body: tone })).headers).toMatchObject({
    etag: '"20"',
    location: '/api/bells/u2',
  });
});

it.each([
  ['PATCH', '"6"'],
  ['PATCH', 'W/"7"'],
  ['DELETE', '"6", "8"'],
])('%s with If-Match: %s is 412 and changes nothing', async (method, ifMatch) => {
  const { send, bell } = bells();
  const { status, headers } = await send(method, '/u1', {
    ifMatch,
    body: method === 'PATCH' ? tone : body({}),
  });
  expect(status).toBe(412);
  expect(headers).not.toHaveProperty('etag');
  expect(bell()).toMatchObject({ tone: 'a', revision: 7 });
});

it.each(['PATCH', 'DELETE'])('%s is held to the tag until it is committed', async (method) => {
  const { send, bell } = bells((change) => change());
  const { status } = await send(method, '/u1', {
    ifMatch: '"7"',
    body: method === 'PATCH' ? tone : body({}),
  });
  expect(status).toBe(412);
  expect(bell()).toMatchObject({ tone: 'z', revision: 8 });
});

it('PATCH with If-Match: * goes on whatever the record is, and is 404 where there is none', async () => {
  const { send } = bells((change) => change());
  expect((await send('PATCH', '/u1', { ifMatch: '*', body: tone })).status).toBe(200);
  expect((await send('PATCH', '/u9', { ifMatch: '*', body: tone })).status).toBe(404);
  expect((await send('PATCH', '/u9', { ifMatch: '"7"', body: tone })).status).toBe(404);
});

it('PATCH with If-None-Match is 412 for the record that it names', async () => {
  const { send } = bells();
  expect((await send('PATCH', '/u1', { ifNoneMatch: '"7"', body: tone })).status).toBe(412);
  expect((await send('PATCH', '/u1', { ifNoneMatch: '*', body: tone })).status).toBe(412);
  expect((await send('PATCH', '/u1', { ifNoneMatch: '"6"', body: tone })).status).toBe(200);
});

it.each([
  ['POST', '', 'ifMatch'],
  ['POST', '', 'ifNoneMatch'],
  ['PATCH', '?tone=a', 'ifMatch'],
  ['DELETE', '?tone=a', 'ifMatch'],
  ['PATCH', '', 'ifMatch'],
] as const)(
  '%s %s with %s is refused: it is not about one record that is there',
  async (method, url, header) => {
    const { send, bell } = bells();
    const { status, body: text } = await send(method, url, { [header]: '*', body: tone });
    expect([status, JSON.parse(text).error.code]).toEqual([400, '990400']);
    expect(bell()).toMatchObject({ tone: 'a', revision: 7 });
  },
);

it('a header that is no list of tags is refused before anything is done', async () => {
  const { send, bell } = bells();
  expect((await send('PATCH', '/u1', { ifMatch: '7', body: tone })).status).toBe(400);
  expect(bell()).toMatchObject({ revision: 7 });
});
