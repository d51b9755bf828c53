import { genericParameters, isKnownIn, type Resource } from '@esplanade/ontap';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { errorCatalogue } from './error-catalogue.ts';
import { allResources } from './resources/index.ts';
import {
  type Boundary,
  boundaries,
  introduced,
  introducedInPost,
  introducedParameters,
  isFrom,
  namesBy,
} from './testing/introduced-fields.ts';
import { provocations } from './testing/provocations/index.ts';
import { provoke } from './testing/provocations/provocation.ts';
import { type Answer, goodPolicy, startTestServer, type TestServer } from './testing/test-server.ts';

/** A server of each release starts, and is asked much: the machine may have other things to do. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const servers = new Map<Boundary, TestServer>();
let resources: readonly Resource<unknown>[] = [];
beforeAll(async () => {
  for (const release of boundaries) servers.set(release, await startTestServer('--ontap-version', release));
  const newest = serverOf('9.18.1');
  resources = allResources(newest.parts).filter(({ path }) => !path.startsWith('/esplanade/'));
});
afterAll(() => Promise.all([...servers.values()].map((server) => server.close())));

function serverOf(release: Boundary): TestServer {
  const server = servers.get(release);
  if (server === undefined) throw new Error(`there is no server of ${release}`);
  return server;
}

function resourceOf(path: string): Resource<unknown> {
  const resource = resources.find((each) => each.path === path);
  if (resource === undefined) throw new Error(`${path} is not served`);
  return resource;
}

/** How a release refuses a name that it does not know. */
const refusals = {
  fields: (name: string) => ({
    code: '262197',
    target: 'fields',
    words: `The value "${name}" is invalid for field "fields"`,
  }),
  order_by: (name: string) => ({
    code: '262197',
    target: 'order_by',
    words: `The value "${name}" is invalid for field "order_by"`,
  }),
  filter: (name: string) => ({ code: '262179', target: name, words: `Unexpected argument "${name}".` }),
  body: (name: string) => ({ code: '262179', target: name, words: `Unexpected argument "${name}".` }),
} as const;
type Use = keyof typeof refusals;

/** Whether the answer refuses the name as unknown. Any other answer knows it, whatever else it may say. */
function isUnknown({ status, body }: Answer, use: Use, name: string): boolean {
  const { code, target, words } = refusals[use](name);
  const { error } = body;
  const isSo = error?.code === code && error.target === target && String(error.message).startsWith(words);
  if (isSo) expect(status).toBe(400);
  return isSo;
}

/** One request for each use of a field, none of which changes anything. */
function* usesOf(
  { path, kind, fields, ...verbs }: Resource<unknown>,
  name: string,
): Generator<readonly [Use, string, string, unknown?]> {
  const field = fields[name];
  const url = `/api${path.replaceAll(/\{[^}]+\}/g, 'nobody')}`;
  // An object is no value of any field: what is known is refused for that.
  const body = { [name]: {} };
  if (kind === 'action') {
    yield ['body', 'POST', url, body];
    return;
  }
  if (field?.get !== undefined) {
    yield ['fields', 'GET', `${url}?fields=${name}`];
    if (kind !== 'singleton') yield ['order_by', 'GET', `${url}?order_by=${name}`];
    if (field.notFilterable !== true) yield ['filter', 'GET', `${url}?${name}=!null`];
  }
  if ('create' in verbs && verbs.create !== undefined) yield ['body', 'POST', url, body];
  if ('modify' in verbs && verbs.modify !== undefined)
    yield ['body', 'PATCH', kind === 'singleton' ? url : `${url}?${firstKey(path)}=nobody`, body];
}

function firstKey(path: string): string {
  if (path.endsWith('/privileges')) return 'path';
  return path.startsWith('/private/cli/') || path === '/security/accounts' || path === '/security/roles'
    ? 'name'
    : 'uuid';
}

describe('the fields of each release', () => {
  it('are all in the table, and the table has no others', () => {
    const declared = Object.fromEntries(
      resources.map(({ path, fields }) => [path, Object.keys(fields).sort()]),
    );
    const listed = Object.fromEntries(
      Object.entries(introduced).map(([path, { fields }]) => [path, [...namesBy(fields, '9.18.1')].sort()]),
    );
    expect(declared).toEqual(listed);
  });

  const rows = boundaries.flatMap((release) =>
    Object.keys(introduced).map((path) => [release, path] as const),
  );
  it.each(rows)('%s knows of %s what it should, and refuses the rest', async (release, path) => {
    const table = introduced[path];
    const server = serverOf(release);
    if (table === undefined) throw new Error(`${path} is not in the table`);
    if (!isFrom(release, table.endpoint)) {
      for (const url of [path, `${path}/some-key`]) {
        const answer = await server.request('GET', `/api${url}`);
        expect(answer).toMatchObject({
          status: 404,
          body: { error: { code: '3', message: 'API not found' } },
        });
      }
      return;
    }
    const known = namesBy(table.fields, release);
    const laterFilters = namesBy(table.filters ?? {}, '9.18.1');
    const filters = namesBy(table.filters ?? {}, release);
    const wrong: string[] = [];
    const resource = resourceOf(path);
    for (const name of namesBy(table.fields, '9.18.1')) {
      for (const [use, method, url, body] of usesOf(resource, name)) {
        const answer = await server.request(method, url, body);
        const shouldKnow =
          known.has(name) && (use !== 'filter' || !laterFilters.has(name) || filters.has(name));
        if (answer.status >= 500 || isUnknown(answer, use, name) === shouldKnow)
          wrong.push(`${name} as ${use} of ${method}: ${answer.status} ${answer.text}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('the generic parameters of each release', () => {
  it('are all in the table, and the table has no others', () => {
    expect(new Set(Object.keys(genericParameters))).toEqual(namesBy(introducedParameters, '9.18.1'));
  });

  it.each(boundaries)('%s knows what it should, and refuses the rest', async (release) => {
    const known = namesBy(introducedParameters, release);
    const lateInPost = namesBy(introducedInPost, '9.18.1').difference(namesBy(introducedInPost, release));
    const wrong: string[] = [];
    for (const [name, { verbs }] of Object.entries(genericParameters)) {
      for (const method of verbs) {
        // Nothing is called so: whatever the parameter says, no record is changed.
        const filter = method === 'POST' ? '' : '&uuid=nobody';
        const body = method === 'GET' ? undefined : {};
        const url = `/api/security/ipsec/policies?${name}=x${filter}`;
        const isKnown = known.has(name) && !(method === 'POST' && lateInPost.has(name));
        const answer = await serverOf(release).request(method, url, body);
        if (answer.status >= 500 || isUnknown(answer, 'filter', name) === isKnown)
          wrong.push(`${name} of ${method}: ${answer.status} ${answer.text}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('at the boundary of a release', () => {
  const policies = '/api/security/ipsec/policies';
  const sas = '/api/security/ipsec/security-associations';
  const unexpected = (name: string) => ({
    status: 400,
    body: { error: { code: '262179', target: name, message: `Unexpected argument "${name}".` } },
  });
  const noField = (name: string) => ({
    status: 400,
    body: { error: { code: '262197', target: 'fields', message: expect.stringContaining(`"${name}"`) } },
  });

  /** The last release that refuses the request, how, and the next one, that does not. */
  const rows: readonly (readonly [
    last: Boundary,
    next: Boundary,
    method: string,
    url: string,
    body: unknown,
    refusal: object,
  ])[] = [
    ['9.8', '9.9.1', 'GET', `${policies}?fields=ipspace`, undefined, noField('ipspace')],
    ['9.8', '9.9.1', 'POST', policies, { name: '', ipspace: { name: 'x' } }, unexpected('ipspace')],
    ['9.8', '9.9.1', 'POST', policies, { name: '', local_identity: 'x' }, unexpected('local_identity')],
    ['9.9.1', '9.10.1', 'GET', `${policies}?fields=uuid,certificate`, undefined, noField('certificate')],
    [
      '9.9.1',
      '9.10.1',
      'GET',
      `${policies}?authentication_method=psk`,
      undefined,
      unexpected('authentication_method'),
    ],
    [
      '9.9.1',
      '9.10.1',
      'POST',
      policies,
      { name: '', certificate: { uuid: 'x' } },
      unexpected('certificate'),
    ],
    [
      '9.9.1',
      '9.10.1',
      'POST',
      `${policies}?serial_records=true`,
      { records: [] },
      unexpected('serial_records'),
    ],
    ['9.9.1', '9.10.1', 'POST', policies, { records: [] }, unexpected('records')],
    [
      '9.10.1',
      '9.11.1',
      'GET',
      `${policies}?ignore_unknown_fields=true`,
      undefined,
      unexpected('ignore_unknown_fields'),
    ],
    ['9.11.1', '9.15.1', 'GET', `${policies}?action=bypass`, undefined, unexpected('action')],
    [
      '9.15.1',
      '9.16.1',
      'PATCH',
      '/api/security/ipsec',
      { offload_enabled: false },
      unexpected('offload_enabled'),
    ],
    [
      '9.15.1',
      '9.16.1',
      'GET',
      `${sas}?ipsec.inbound.offload_bytes=>0`,
      undefined,
      unexpected('ipsec.inbound.offload_bytes'),
    ],
    [
      '9.15.1',
      '9.16.1',
      'GET',
      `${sas}?ipsec.inbound.offloaded_bytes=>0`,
      undefined,
      unexpected('ipsec.inbound.offloaded_bytes'),
    ],
    ['9.16.1', '9.17.1', 'GET', `${policies}?fields=ppk`, undefined, noField('ppk')],
    ['9.16.1', '9.17.1', 'GET', `${policies}?ppk.identity=x`, undefined, unexpected('ppk.identity')],
    ['9.16.1', '9.17.1', 'POST', policies, { name: '', ppk: { identity: 'x' } }, unexpected('ppk')],
    [
      '9.17.1',
      '9.18.1',
      'POST',
      policies,
      { name: '', certificate_modify_keepsa: true },
      unexpected('certificate_modify_keepsa'),
    ],
  ];
  it.each(rows)('%s refuses and %s takes %s %s %j', async (last, next, method, url, body, refusal) => {
    expect(await serverOf(last).request(method, url, body)).toMatchObject(refusal);
    expect(await serverOf(next).request(method, url, body)).not.toMatchObject(refusal);
  });

  it.each(boundaries)('%s leaves newer fields out of records, whatever is asked for', async (release) => {
    const server = serverOf(release);
    const { headers } = await server.request('POST', policies, { ...goodPolicy, name: `of ${release}` });
    await server.request('PATCH', '/api/security/ipsec', { enabled: true });
    await expect.poll(async () => (await server.request('GET', sas)).body.num_records).toBeGreaterThan(0);
    for (const url of ['/api/security/ipsec', policies, sas, String(headers['location'])]) {
      const { status, body } = await server.request('GET', `${url}?fields=**`, undefined, {
        accept: 'application/json',
      });
      expect(status).toBe(200);
      const path = url.replace(/^\/api|\/[0-9a-f-]{36}$/g, '');
      const known = namesBy(introduced[path]?.fields ?? {}, release);
      const names = [body.records ?? body].flat().flatMap((record: object) => leavesOf({ ...record }));
      expect(names.length).toBeGreaterThan(1);
      expect(names.filter((name) => !known.has(name))).toEqual([]);
    }
  });

  it.each(boundaries)('%s tells its numbers in /cluster', async (release) => {
    const [generation, major, minor = 0] = release.split('.').map(Number);
    const { body } = await serverOf(release).request('GET', '/api/cluster?fields=version');
    expect(body.version).toMatchObject({ generation, major, minor });
  });
});

describe('the errors of each release', () => {
  const rows = Object.values(provocations)
    .flat()
    // What has to be made first may be unknown to the release, and certificates take their time.
    .filter((row) => row.given === undefined && row.fault === undefined && row.flags === undefined)
    .filter(
      ({ path, release, isAlone }) => !path.startsWith('/security/certificates') && !release && !isAlone,
    );

  it.each(boundaries)('%s answers what is wrong in no code that it does not have', async (release) => {
    const known = new Set(
      errorCatalogue.filter((entry) => isKnownIn(release, entry)).map(({ code }) => code),
    );
    const strange: string[] = [];
    for (const row of rows) {
      const { status, body } = await provoke(serverOf(release), row);
      const errors: readonly { readonly code: string }[] = [body.error, ...(body.error.arguments ?? [])];
      if (status < 400 || status >= 500 || errors.some(({ code }) => !known.has(code)))
        strange.push(`${row.method} ${row.path}: ${status} ${JSON.stringify(body)}`);
    }
    expect(strange).toEqual([]);
    expect(rows.length).toBeGreaterThan(100);
  });
});

function leavesOf(record: Readonly<Record<string, unknown>>, prefix = ''): readonly string[] {
  return Object.entries(record).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? leavesOf(value as Readonly<Record<string, unknown>>, `${prefix}${name}.`)
      : [`${prefix}${name}`],
  );
}
