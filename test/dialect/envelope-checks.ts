import { expect } from 'vitest';
import { flatten, leavesOf, valueAt } from './flat-record.ts';
import { badRequest, goodRequest, isInstance, requestForKey, withNew } from './requests.ts';
import type { SeedFact } from './seed-facts.ts';
import { silentAnswer } from './silent-datapath.ts';
import { ask, type World } from './world.ts';

/** What stands beside the records of a collection. */
export async function checkMember(fact: SeedFact, world: World): Promise<void> {
  const body = await memberAnswer(fact, world);
  const value = valueAt(body, fact.name);
  if (fact.answer === 'absent' || (fact.answer === 'differs' && fact.verb === 'GET')) {
    expect(value).toBeUndefined();
    return;
  }
  expect(value).toBeDefined();
  expect(Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value).toBe(fact.type);
  if (fact.name === '_links.self.href') expect(value).toBe(`/api${world.path}?max_records=1`);
  if (fact.name === '_links.next.href')
    expect(await world.server.request('GET', String(value))).toMatchObject({ status: 200 });
  if (fact.name === 'num_records') expect(value).toBe(countOf(body));
}

function countOf(body: unknown): number {
  const records = valueAt(body, 'records');
  return Array.isArray(records) ? records.length : -1;
}

async function memberAnswer(fact: SeedFact, world: World): Promise<unknown> {
  const isError = fact.name.startsWith('error');
  if (fact.verb === 'GET') {
    if (isError && fact.answer !== 'absent') return silentAnswer(world);
    return (await ask(world, 'GET', `${world.path}?max_records=1`)).body;
  }
  if (!isError) return (await goodRequest(fact, world, 'return_records=true')).body;
  // The name of both is taken: two refusals, which the answer tells together.
  return withNew(world, {}, async (location) => {
    const { body: taken } = await ask(world, 'GET', location);
    const records = [
      { ...world.newBody(), name: taken.name },
      { ...world.newBody(), name: taken.name },
    ];
    const { status, body } = await ask(world, 'POST', `${world.path}?continue_on_failure=true`, { records });
    expect(status).toBe(409);
    expect(body.num_records).toBe(0);
    return body;
  });
}

/** A refusal has ONTAP's error object: code and message as texts, what it is about, and all that is wrong. */
export async function checkError(fact: SeedFact, world: World): Promise<void> {
  const { status, body } = await badRequest(fact, world);
  expect(status).toBe(400);
  const value = valueAt(body, fact.name);
  expect(Array.isArray(value) ? 'array' : typeof value).toBe(fact.type);
  if (fact.name === 'error.target') expect(value).toBe('nonsense');
  if (fact.name === 'error.arguments') expect(value).toHaveLength(1);
  expect(await goodRequest(fact, world)).not.toHaveProperty('body.error');
}

/** The one error that every page shows, where a record can be missing; elsewhere its form. */
export async function checkExampleError(fact: SeedFact, world: World): Promise<void> {
  const bad = flatten((await badRequest(fact, world)).body);
  expect([...bad.keys()].sort()).toEqual([...leavesOf(fact.name)].sort());
  const message = fact.detail.get('message') ?? '';
  const example = { message, code: fact.detail.get('code'), target: fact.detail.get('target') };
  if (!isInstance(fact)) {
    expect(fact.answer).toBe('differs');
    for (const [name, value] of Object.entries(example)) expect(bad.get(`error.${name}`)).not.toBe(value);
    return;
  }
  const { status, body } = await requestForKey(fact, world);
  expect(status).toBe(404);
  if (fact.answer === 'served') expect(body.error).toEqual(example);
  else expect(body.error).not.toEqual(example);
  // Clients look for these words whatever the code is.
  expect(body.error.message).toContain(message);
  expect(body.error.target).toBe(world.key);
}

/** `default` is whatever is refused. */
export async function checkStatus(fact: SeedFact, world: World): Promise<void> {
  if (fact.name === 'default') {
    const { status, body } = await badRequest(fact, world);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body).toHaveProperty('error.code');
    return;
  }
  expect((await goodRequest(fact, world)).status).toBe(Number(fact.name));
}

/** A created record's path, which clients take its key from. */
export async function checkHeader(fact: SeedFact, world: World): Promise<void> {
  await withNew(world, {}, async (location, { headers }) => {
    expect(headers[fact.name.toLowerCase()]).toBe(`/api${location}`);
    const { status, body } = await ask(world, 'GET', location);
    expect({ status, key: valueAt(body, world.key ?? '') }).toEqual({
      status: 200,
      key: location.split('/').at(-1),
    });
  });
}
