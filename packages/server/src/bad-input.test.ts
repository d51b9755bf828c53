import type { Resource } from '@esplanade/ontap';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { errorCatalogue } from './error-catalogue.ts';
import { allResources } from './resources/index.ts';
import { hasForm } from './testing/catalogue-form.ts';
import { type Answer, goodPolicy, startTestServer, type TestServer } from './testing/test-server.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** What no field is meant for, and what some field takes where others do not. */
const values: readonly unknown[] = [
  null,
  -1,
  1e308,
  '',
  '\u0000',
  '\ud800',
  '__proto__',
  '"{|..!<*',
  '0x0s::/33',
  'x'.repeat(3_000),
  [],
  ['a', null],
  { name: 'x' },
  '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
];

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.request('POST', '/api/security/ipsec/policies', goodPolicy);
});
afterAll(() => server.close());

/** What is wrong with an answer to bad input: it fails, or says what the catalogue does not have. */
function faultOf({ status, body }: Answer, isCli = false): string | undefined {
  // Whoever asks is an administrator: refused, nothing would have been looked at.
  if (status >= 500 || status === 401) return `${status}`;
  // The CLI speaks of fields by its own names, so its sentences differ.
  if (status < 400 || isCli) return undefined;
  const { error } = body;
  for (const each of [error, ...(error.arguments ?? [])]) {
    const isListed = errorCatalogue.some(
      (entry) =>
        entry.code === each.code &&
        (each !== error || entry.status === status) &&
        hasForm(each.message, entry),
    );
    if (!isListed) return `${status} ${each.code} ${each.message}`;
  }
  return undefined;
}

function* badRequests(
  { path, kind, ...resource }: Resource<unknown>,
  name: string,
): Generator<readonly [string, string, unknown?]> {
  const url = `/api${path}`;
  for (const value of values) {
    const body = { ...(path === '/security/ipsec/policies' ? goodPolicy : {}), [name]: value };
    if (kind === 'action' || ('create' in resource && resource.create !== undefined))
      yield ['POST', url, body];
    if ('modify' in resource && resource.modify !== undefined) {
      // Any text is a password: the account that asks keeps its own.
      yield ['PATCH', kind === 'singleton' ? url : `${url}?name=!admin`, { [name]: value }];
    }
    if (typeof value === 'string')
      yield ['GET', `${url}?${name}=${encodeURIComponent(value.toWellFormed())}`];
  }
}

it('bad values of any field are answered with an error of the catalogue, and never with a 500', async () => {
  const faults = new Set<string>();
  let count = 0;
  for (const resource of allResources(server.parts)) {
    for (const name of [...Object.keys(resource.fields), 'records', '__proto__']) {
      for (const [method, url, body] of badRequests(resource, name)) {
        const fault = faultOf(await server.request(method, url, body), resource.isCli);
        if (fault !== undefined) faults.add(`${method} ${url.slice(0, 200)} ${name}: ${fault}`);
        count += 1;
      }
    }
  }
  expect([...faults]).toEqual([]);
  expect(count).toBeGreaterThan(1_000);
  expect(server.log.filter((line) => /"level":[56]0/.test(line))).toEqual([]);
});
