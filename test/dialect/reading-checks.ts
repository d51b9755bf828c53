import { expect } from 'vitest';
import { below, type FlatRecord, flatten, type Leaf, leavesOf, valueAt } from './flat-record.ts';
import { goodRequest, isInstance, requestForKey, withNew } from './requests.ts';
import type { SeedFact } from './seed-facts.ts';
import { ask, keyOf, listed, pathTo, recordsOf, recordWith, type World } from './world.ts';

/** Releases as the pages name them, with the first that we can be and the one before it; 9.7 is none. */
const releases: ReadonlyMap<string, { readonly first: string; readonly before: string }> = new Map([
  ['9.8', { first: '9.8', before: '9.7' }],
  ['9.10', { first: '9.10.1', before: '9.9.1' }],
  ['9.16', { first: '9.16.1', before: '9.15.1' }],
]);

/** The releases about the one in which something is said to have come. */
export function releasesAbout(since: string): { readonly first: string; readonly before: string } {
  const about = releases.get(since);
  if (about === undefined) throw new Error(`which release came before ${since} is not known here`);
  return about;
}

/** Words beside which a filter takes nothing, so that a word nobody has is refused instead of matching nothing. */
const closed = new Set([
  'action',
  'cipher_suite',
  'enabled',
  'ike.authentication',
  'ike.is_initiator',
  'ike.state',
  'ipsec.action',
  'local_endpoint.family',
  'remote_endpoint.family',
  'scope',
  'type',
]);

/**
 * With each value that a record has, a filter finds all that have it and no others, and shows it; with nobody's, none.
 */
export async function checkFilter(fact: SeedFact, world: World): Promise<void> {
  const name = fieldOf(fact.name);
  for (const [value, having] of holdersOf(world, name)) {
    const found = await listed(world, `${fact.name}=${encoded(value)}`);
    expect([value, keysOf(world, found)]).toEqual([value, keysOf(world, having)]);
    for (const record of found) expect(record.get(name)).toBe(value);
  }
  const value = partlyHeld(world, name);
  expect(await foundForNobody(fact, world, name, value)).toEqual([]);
  if (fact.type === 'integer') {
    const atLeast = world.records.filter((record) => Number(record.get(name) ?? Number.NaN) >= Number(value));
    expect(keysOf(world, await listed(world, `${fact.name}=>=${encoded(value)}`))).toEqual(
      keysOf(world, atLeast),
    );
  }
  const since = fact.detail.get('since');
  if (since !== undefined) await checkUnknownBefore(since, fact, world);
}

/** Under the release before, neither the parameter nor the field is known, and no record shows it. */
async function checkUnknownBefore(since: string, fact: SeedFact, world: World): Promise<void> {
  const before = await world.at(releasesAbout(since).before);
  const asFilter = await ask(before, 'GET', `${world.path}?${fact.name}=1`);
  expect(asFilter).toMatchObject({ status: 400, body: { error: { code: '262179', target: fact.name } } });
  const asField = await ask(before, 'GET', `${world.path}?fields=${fact.name}`);
  expect(asField).toMatchObject({ status: 400, body: { error: { code: '262197', target: 'fields' } } });
  const all = await listed(before, 'fields=*');
  expect(all.length).toBe(world.records.length);
  expect(all.filter((record) => record.has(fieldOf(fact.name)))).toEqual([]);
}

/** What a filter finds with a value that no record has. */
async function foundForNobody(
  fact: SeedFact,
  world: World,
  name: string,
  value: Leaf,
): Promise<readonly FlatRecord[]> {
  if (closed.has(name)) {
    const refused = await ask(world, 'GET', `${world.path}?${fact.name}=no-such-word`);
    expect({ status: refused.status, ...refused.body.error }).toMatchObject({ status: 400, target: name });
    // Every word is somebody's: nobody's is only the one of another record.
    const other = world.records.find((record) => record.get(name) !== value);
    const elsewhere = other === undefined ? '' : encoded(keyOf(world, other));
    return listed(world, `${fact.name}=${encoded(value)}&${world.key}=${elsewhere}`);
  }
  return listed(world, `${fact.name}=${nobodys(name, fact.type)}`);
}

/** A value of the field's kind that no record has. */
function nobodys(name: string, type: SeedFact['type']): string {
  if (type === 'integer') return '987654321987';
  if (name.endsWith('address')) return '198.18.0.9';
  if (name.endsWith('port')) return '9-9';
  return name.endsWith('netmask') ? '3' : 'nobodys';
}

/** A field shows what is so in every record, in its type, and nothing where it is not set. */
export async function checkField(fact: SeedFact, world: World): Promise<void> {
  if (fact.answer === 'refused') return checkHidden(fact, world);
  const shown = fact.verb === 'POST' ? await shownOnCreation(fact, world) : await shownOnReading(fact, world);
  const words = new Set<unknown>();
  for (const { actual, expected } of shown) {
    expect(below(flatten(actual), fact.name)).toEqual(below(expected, fact.name));
    const value = valueAt(actual, fact.name);
    if (value === undefined) continue;
    expect(typeOf(value)).toBe(fact.type);
    words.add(value);
  }
  expect(words.size).toBeGreaterThan(0);
  const allowed = fact.detail.get('enum')?.split('|');
  if (allowed === undefined) return;
  expect(allowed).toEqual(expect.arrayContaining([...words]));
  // Where all records are shown, every word is somebody's.
  if (fact.verb === 'GET' && !isInstance(fact)) expect([...words].sort()).toEqual(allowed.toSorted());
}

interface Shown {
  readonly actual: unknown;
  readonly expected: FlatRecord;
}

async function shownOnReading(fact: SeedFact, world: World): Promise<readonly Shown[]> {
  const [base = ''] = fact.name.split('._links');
  const query = base.startsWith('_links') ? '' : `?fields=${base}`;
  if (!isInstance(fact) && world.key !== undefined) {
    const { body } = await ask(world, 'GET', `${world.path}${query}`);
    const byKey = new Map(recordsOf(body).map((record) => [keyOf(world, flatten(record)), record]));
    expect(byKey.size).toBe(world.records.length);
    return world.records.map((expected) => ({ actual: byKey.get(keyOf(world, expected)), expected }));
  }
  const without = world.records.find((record) => below(record, fact.name).size === 0);
  const some = [recordWith(world, fact.name), ...(without === undefined ? [] : [without])];
  return Promise.all(
    some.map(async (expected) => ({
      actual: (await ask(world, 'GET', `${pathTo(world, expected)}${query}`)).body,
      expected,
    })),
  );
}

/** A record in the answer to its creation is the record as it is read afterwards. */
async function shownOnCreation(fact: SeedFact, world: World): Promise<readonly Shown[]> {
  return withNew(world, { query: '?return_records=true' }, async (location, { body }) => {
    const read = flatten((await ask(world, 'GET', location)).body);
    expect(below(read, fact.name).size).toBeGreaterThan(0);
    return [{ actual: recordsOf(body)[0], expected: read }];
  });
}

async function checkHidden(fact: SeedFact, world: World): Promise<void> {
  if (fact.verb === 'POST') {
    const { body } = await goodRequest(fact, world, 'return_records=true');
    expect(flatten(body).has(`records.${fact.name}`)).toBe(false);
    return;
  }
  const { status, body } = await goodRequest(fact, world, `fields=${fact.name}`);
  expect({ status, ...body.error }).toMatchObject({ status: 400, code: '262197', target: 'fields' });
  const everything = await goodRequest(fact, world, 'fields=**');
  expect(everything.status).toBe(200);
  expect(everything.text).not.toContain(fact.name);
}

/** The key in the path names one record; one that is not there is 404. */
export async function checkPath(fact: SeedFact, world: World): Promise<void> {
  const missing = await requestForKey(fact, world);
  expect(missing).toMatchObject({ status: 404, body: { error: { target: world.key } } });
  expect(fact.detail.get('required')).toBe('');
  await checkWithoutKey(fact, world);
  if (fact.verb === 'GET') {
    for (const record of world.records.slice(0, 5)) {
      const { status, body } = await ask(world, 'GET', pathTo(world, record));
      expect({ status, key: keyOf(world, flatten(body)) }).toEqual({
        status: 200,
        key: keyOf(world, record),
      });
    }
    return;
  }
  await withNew(world, {}, async (kept) => {
    const gone = await withNew(world, {}, async (location) => {
      const { status } = await ask(
        world,
        fact.verb,
        location,
        fact.verb === 'PATCH' ? world.patchBody : undefined,
      );
      expect(status).toBe(200);
      if (fact.verb === 'DELETE') expect(await ask(world, 'GET', location)).toMatchObject({ status: 404 });
      return location;
    });
    expect(gone).not.toBe(kept);
    expect(await ask(world, 'GET', kept)).toMatchObject({ status: 200 });
  });
}

/** Without the key it is a question for all records, and no order to change them. */
async function checkWithoutKey(fact: SeedFact, world: World): Promise<void> {
  const body = fact.verb === 'PATCH' ? world.patchBody : undefined;
  const { status, body: answer } = await ask(world, fact.verb, world.path, body);
  if (fact.verb === 'GET') {
    expect({ status, count: answer.num_records }).toEqual({ status: 200, count: world.records.length });
    return;
  }
  expect(status).toBeGreaterThanOrEqual(400);
  expect((await listed(world, '')).length).toBe(world.records.length);
}

/** The leaves of an example are in the answer, all of its records taken together. */
export async function checkExampleResponse(fact: SeedFact, world: World): Promise<void> {
  const shown = await exampleAnswer(fact, world);
  // What `differs` are members that come only when there is cause: pages, and what went wrong.
  const isOptional = (leaf: string) =>
    fact.answer === 'differs' &&
    (leaf.startsWith('error') || (fact.verb === 'POST' && leaf.startsWith('_links')));
  const wanted = leavesOf(fact.name).filter((leaf) => !isOptional(leaf));
  expect(wanted.filter((leaf) => !shown.has(leaf))).toEqual([]);
  expect([...shown].filter((leaf) => leaf.startsWith('error'))).toEqual([]);
}

async function exampleAnswer(fact: SeedFact, world: World): Promise<ReadonlySet<string>> {
  if (fact.verb === 'POST') {
    const { body } = await goodRequest(fact, world, 'return_records=true');
    return new Set(flatten(body).keys());
  }
  if (world.key !== undefined && !isInstance(fact)) {
    const { body } = await ask(
      world,
      'GET',
      `${world.path}?fields=*&max_records=${world.records.length - 1}`,
    );
    return new Set(flatten(body).keys());
  }
  // Of each kind one: the first two.
  const bodies = await Promise.all(
    world.records.slice(0, 2).map(async (record) => (await ask(world, 'GET', pathTo(world, record))).body),
  );
  return new Set(bodies.flatMap((body) => [...flatten(body).keys()]));
}

function fieldOf(filter: string): string {
  return filter.replace('.offloaded_', '.offload_');
}

/** Every value of the field that occurs, and who has it. */
function holdersOf({ records }: World, name: string): ReadonlyMap<Leaf, readonly FlatRecord[]> {
  const having = records.filter((record) => record.has(name));
  return Map.groupBy(having, (record) => record.get(name) ?? null);
}

/** A value that some records have and others have not. */
function partlyHeld({ records }: World, name: string): Leaf {
  for (const record of records) {
    const value = record.get(name);
    const count = records.filter((other) => other.get(name) === value).length;
    if (value !== undefined && value !== 0 && count < records.length) return value;
  }
  throw new Error(`all records have the same ${name}`);
}

function keysOf(world: World, records: readonly FlatRecord[]): readonly string[] {
  return records.map((record) => keyOf(world, record)).sort();
}

function encoded(value: Leaf): string {
  return encodeURIComponent(String(value));
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
