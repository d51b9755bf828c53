import { exampleUuid, isKnownIn, type Resource } from '@esplanade/ontap';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { allResources } from './resources/index.ts';
import { type Answer, startTestServer } from './testing/test-server.ts';

/** Passwords are hashed, CAs get keys: the machine may have other things to do. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const server = await startTestServer();
afterAll(() => server.close());

type Changeable = Exclude<Resource<unknown>, { readonly kind: 'action' | 'table' }>;

/** Everything stored of which one record can be changed or deleted; the simulator keeps nothing. */
const changeable = allResources(server.parts).filter(
  (resource): resource is Changeable =>
    isKnownIn(server.parts.ontapVersion, resource) &&
    !resource.path.startsWith('/esplanade/v1/simulator') &&
    resource.kind !== 'action' &&
    resource.kind !== 'table' &&
    (resource.modify !== undefined || (resource.kind === 'collection' && resource.remove !== undefined)),
);

const rows = changeable.map((resource) => [resource.path, resource] as const);

/** Where the collection is: below a record of its own, made now, where it stands within such. */
async function placeOf({ path }: Changeable): Promise<string> {
  const [outer = path, inner] = path.split(/(?:\/\{[^}]+\})+/);
  const around = changeable.find((each) => each.path === outer);
  if (inner === undefined || around === undefined) return `/api${path}`;
  const { headers } = await send('POST', `/api${outer}`, around.examples?.post);
  onTestFinished(async () => {
    await send('DELETE', headers['location'] ?? '');
  });
  return `${headers['location']}${inner}`;
}

async function made(resource: Changeable): Promise<{ place: string; tag: string }> {
  const { path, kind, examples } = resource;
  const collection = await placeOf(resource);
  if (kind === 'collection' && resource.create !== undefined) {
    const ca = { type: 'root_ca', common_name: `of ${path}`, svm: { name: 'svm1' } };
    const needsCa = JSON.stringify(examples?.post).includes(exampleUuid);
    const uuid = needsCa ? (await send('POST', '/api/security/certificates', ca)).headers['location'] : '';
    const body = JSON.stringify(examples?.post).replaceAll(exampleUuid, uuid?.split('/').at(-1) ?? '');
    const { status, headers, text } = await send('POST', collection, body);
    expect([status, text]).toEqual([201, '{}\n']);
    return { place: headers['location'] ?? '', tag: headers['etag'] ?? '' };
  }
  const first = kind === 'collection' ? (await send('GET', collection)).body.records[0].uuid : undefined;
  const place = `${collection}${first === undefined ? '' : `/${first}`}`;
  return { place, tag: (await send('GET', place)).headers['etag'] ?? '' };
}

const send = (method: string, url: string, body?: unknown, headers = {}): Promise<Answer> =>
  server.request(method, url, body, headers);
const ifMatch = (tag: string) => ({ 'if-match': tag });

it.each(changeable.map(({ path, revision }) => [path, revision] as const))(
  '%s says which version a record has',
  (_, revision) => {
    expect(revision).toBeTypeOf('function');
  },
);

describe.each(rows)('%s', (_, resource) => {
  const { examples } = resource;
  const isDeletable = resource.kind === 'collection' && resource.remove !== undefined;

  it('changes and deletes only the version that If-Match names', async () => {
    const { place, tag } = await made(resource);
    expect(tag).toMatch(/^"[\w-]{22}"$/);
    const now = async () => (await send('GET', place)).headers['etag'];
    expect(await now()).toBe(tag);
    const unchanged = await send('GET', place, undefined, { 'if-none-match': tag });
    expect(unchanged).toMatchObject({ status: 304, text: '', headers: { etag: tag } });
    expect(unchanged.headers).not.toHaveProperty('content-type');
    expect((await send('HEAD', place)).headers['etag']).toBe(tag);
    let latest = tag;
    if (resource.modify !== undefined) {
      const stale = await send('PATCH', place, examples?.patch, ifMatch('"999999"'));
      expect([stale.status, stale.body.error.code, await now()]).toEqual([412, '990412', tag]);
      const { status, headers } = await send('PATCH', place, examples?.patch, ifMatch(`"999999", ${tag}`));
      latest = headers['etag'] ?? '';
      expect([status, latest === tag, await now()]).toEqual([200, false, latest]);
      expect((await send('PATCH', place, examples?.patch, ifMatch(tag))).status).toBe(412);
      latest = (await send('PATCH', place, {}, ifMatch('*'))).headers['etag'] ?? latest;
    }
    if (!isDeletable) return;
    for (const other of ['"999999"', `W/${latest}`])
      expect((await send('DELETE', place, undefined, ifMatch(other))).status).toBe(412);
    expect(await now()).toBe(latest);
    expect((await send('DELETE', place, undefined, ifMatch(latest))).status).toBe(200);
    expect((await send('DELETE', place, undefined, ifMatch('*'))).status).toBe(404);
  });

  it('lets one of many through that change or delete the same version at once', async () => {
    const { place, tag } = await made(resource);
    const statuses = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const deletes = resource.modify === undefined || (isDeletable && index % 3 === 2);
        const answer = await send(
          deletes ? 'DELETE' : 'PATCH',
          place,
          deletes ? undefined : examples?.patch,
          ifMatch(tag),
        );
        return answer.status;
      }),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status !== 200 && status !== 412 && status !== 404)).toEqual([]);
    if (isDeletable) expect([200, 404]).toContain((await send('DELETE', place)).status);
  });
});

it('tables of the CLI change what a query selects, so they take no tag and refuse one', async () => {
  const { status, body } = await send(
    'PATCH',
    '/api/private/cli/security/ipsec/policy?name=*',
    { ike_lifetime: 43_200 },
    ifMatch('"1"'),
  );
  expect([status, body.error.code]).toEqual([400, '990400']);
});

it('what is observed has no tag, and If-Match never holds for it', async () => {
  const { headers } = await send('GET', '/api/cluster');
  expect(headers).not.toHaveProperty('etag');
  expect((await send('GET', '/api/cluster', undefined, ifMatch('"1"'))).status).toBe(412);
});
