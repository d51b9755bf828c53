import { expect } from 'vitest';
import { type FlatRecord, flatten, type Leaf } from './flat-record.ts';
import { goodRequest, isInstance } from './requests.ts';
import type { SeedFact } from './seed-facts.ts';
import { ask, keyOf, listed, pathTo, recordsOf, recordWith, type World } from './world.ts';

/** One of ONTAP's generic query parameters does what it is for, has its default, and takes nothing else. */
export async function checkParameter(fact: SeedFact, world: World): Promise<void> {
  const check = Object.hasOwn(parameterChecks, fact.name) ? parameterChecks[fact.name] : undefined;
  if (check === undefined) throw new Error(`there is no check for the parameter ${fact.name}`);
  await check(fact, world);
}

const parameterChecks: Readonly<Record<string, (fact: SeedFact, world: World) => Promise<void>>> = {
  fields: checkFields,
  max_records: checkMaxRecords,
  order_by: checkOrderBy,
  return_records: checkReturnRecords,
  return_timeout: checkReturnTimeout,
};

async function checkFields(fact: SeedFact, world: World): Promise<void> {
  await expectRefused(fact, world, 'fields', 'no_such_field');
  const names = [...recordWith(world, world.sortField).keys()].filter((name) => !name.includes('_links'));
  const path = isInstance(fact) ? pathTo(world, recordWith(world, world.sortField)) : world.path;
  for (const name of [world.sortField, ...names.slice(-2)]) {
    const shown = flatten((await ask(world, 'GET', `${path}?fields=${name}`)).body);
    expect([...shown.keys()].some((leaf) => leaf === name || leaf === `records.${name}`)).toBe(true);
    const hidden = flatten((await ask(world, 'GET', `${path}?fields=!${name}`)).body);
    const isKey = name === world.key;
    expect([...hidden.keys()].some((leaf) => leaf === name || leaf === `records.${name}`)).toBe(isKey);
  }
  const all = flatten((await ask(world, 'GET', `${path}?fields=*`)).body);
  const missing = names.filter((name) => !all.has(name) && !all.has(`records.${name}`));
  expect(missing).toEqual([]);
}

async function checkMaxRecords(fact: SeedFact, world: World): Promise<void> {
  for (const wrong of ['0', '-1', 'many']) await expectRefused(fact, world, 'max_records', wrong);
  if (world.key === undefined) {
    const { body } = await ask(world, 'GET', `${world.path}?max_records=1`);
    expect(flatten(body)).toEqual(new Map(world.records[0]));
    return;
  }
  const size = Math.ceil(world.records.length / 3);
  const seen: FlatRecord[] = [];
  let next: string | undefined = `/api${world.path}?max_records=${size}`;
  while (next !== undefined) {
    const { body, headers } = await world.server.request('GET', next);
    expect(body.num_records).toBeLessThanOrEqual(size);
    seen.push(...recordsOf(body).map((record) => flatten(record)));
    next = body._links.next?.href;
    if (next !== undefined) expect(headers['link']).toBe(`<${next}>; rel="next"`);
  }
  const keys = seen.map((record) => keyOf(world, record));
  expect(keys).toEqual(world.records.map((record) => keyOf(world, record)).sort());
}

async function checkOrderBy(fact: SeedFact, world: World): Promise<void> {
  await expectRefused(fact, world, 'order_by', 'no_such_field');
  await expectRefused(fact, world, 'order_by', `${world.sortField} sideways`);
  const directions = fact.detail.get('enum')?.split('|') ?? [];
  expect(directions.toSorted()).toEqual(['asc', 'desc']);
  if (world.key === undefined) {
    for (const direction of ['', ...directions]) {
      const order = encodeURIComponent(`${world.sortField} ${direction}`.trim());
      const { status, body } = await ask(world, 'GET', `${world.path}?order_by=${order}`);
      expect({ status, record: flatten(body) }).toEqual({ status: 200, record: new Map(world.records[0]) });
    }
    expect(fact.detail.get('default')).toBe('asc');
    return;
  }
  const values = world.records.map((record) => record.get(world.sortField));
  const rising = values.toSorted(inOrder);
  const valuesBy = async (order: string) =>
    (await listed(world, `order_by=${encodeURIComponent(order)}&fields=${world.sortField}`)).map((record) =>
      record.get(world.sortField),
    );
  expect(await valuesBy(world.sortField)).toEqual(rising);
  expect(await valuesBy(`${world.sortField} ${fact.detail.get('default')}`)).toEqual(rising);
  expect(await valuesBy(`${world.sortField} asc`)).toEqual(rising);
  expect(await valuesBy(`${world.sortField} desc`)).toEqual(rising.toReversed());
  expect(new Set(values).size).toBeGreaterThan(1);
}

async function checkReturnRecords(fact: SeedFact, world: World): Promise<void> {
  await expectRefused(fact, world, 'return_records', 'perhaps');
  const isDefault = ['true', '1'].includes(fact.detail.get('default') ?? '');
  const [unasked, yes, no] = [
    await goodRequest(fact, world),
    await goodRequest(fact, world, 'return_records=true'),
    await goodRequest(fact, world, 'return_records=false'),
  ].map(({ body }) => body);
  if (fact.verb === 'GET' && world.key === undefined) {
    // There is one record and no list of records that could be left out.
    expect([unasked, no]).toEqual([yes, yes]);
    return;
  }
  expect(yes.num_records).toBe(recordsOf(yes).length);
  expect(yes.num_records).toBe(fact.verb === 'GET' ? world.records.length : 1);
  expect(no).not.toHaveProperty('records');
  if (fact.verb === 'GET') expect(no.num_records).toBe(world.records.length);
  expect('records' in unasked).toBe(isDefault);
}

async function checkReturnTimeout(fact: SeedFact, world: World): Promise<void> {
  const least = Number(fact.detail.get('min') ?? 0);
  const most = Number(fact.detail.get('max') ?? 120);
  for (const wrong of [`${least - 1}`, `${most + 1}`, 'soon'])
    await expectRefused(fact, world, 'return_timeout', wrong);
  const unasked = await goodRequest(fact, world);
  // No default can be told from another: the answer is whole without waiting.
  expect(fact.answer).toBe('differs');
  for (const seconds of [least, Number(fact.detail.get('default')), most]) {
    const { status, body } = await goodRequest(fact, world, `return_timeout=${seconds}`);
    expect(status).toBe(200);
    expect(body.records).toEqual(unasked.body.records);
    expect(body.num_records).toBe(world.key === undefined ? undefined : world.records.length);
  }
}

async function expectRefused(fact: SeedFact, world: World, name: string, value: string): Promise<void> {
  const path = isInstance(fact) ? pathTo(world, recordWith(world, world.sortField)) : world.path;
  const body = fact.verb === 'POST' ? world.newBody() : fact.verb === 'PATCH' ? world.patchBody : undefined;
  const query = `${name}=${encodeURIComponent(value)}`;
  const { status, body: answer } = await ask(world, fact.verb, `${path}?${query}`, body);
  expect({ status, ...answer.error }).toMatchObject({ status: 400, code: '262197', target: name });
}

function inOrder(a: Leaf | undefined, b: Leaf | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}
