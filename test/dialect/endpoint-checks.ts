import { expect } from 'vitest';
import { releasesAbout } from './reading-checks.ts';
import { goodRequest, isInstance } from './requests.ts';
import type { SeedFact } from './seed-facts.ts';
import { ask, type World } from './world.ts';

/** The verb is there, and not before its release. */
export async function checkEndpoint(fact: SeedFact, world: World): Promise<void> {
  expect((await goodRequest(fact, world)).status).toBeLessThan(300);
  const since = fact.detail.get('since') ?? '';
  if (since === '9.7') {
    expect(fact.answer).toBe('differs');
    await expect(world.at('9.7')).rejects.toThrow('"9.7" is not one of 9.8');
    expect((await goodRequest(fact, await world.at('9.8'))).status).toBeLessThan(300);
    return;
  }
  const { first, before } = releasesAbout(since);
  expect((await goodRequest(fact, await world.at(first))).status).toBeLessThan(300);
  if (before === '9.7') {
    // Nothing that we can be is older.
    await expect(world.at(before)).rejects.toThrow('"9.7" is not one of 9.8');
    return;
  }
  const path = isInstance(fact) ? `${world.path}/something` : world.path;
  const { status, body } = await ask(await world.at(before), fact.verb, path);
  expect({ status, ...body.error }).toMatchObject({ status: 404, code: '3', message: 'API not found' });
}

const methods: ReadonlyMap<string, string> = new Map([
  ['show', 'GET'],
  ['create', 'POST'],
  ['add', 'POST'],
  ['modify', 'PATCH'],
  ['delete', 'DELETE'],
  ['remove', 'DELETE'],
]);

/** A command is reached through the private passthrough by its words: `… policy show` is GET `…/policy`. */
export async function checkCommand(fact: SeedFact, world: World): Promise<void> {
  const words = fact.name.split(' ');
  const [last = ''] = words.splice(-1);
  // `show-ikesa` shows what is called `ikesa`.
  const [verb = '', shown] = last.split('-');
  const method = methods.get(verb) ?? '';
  const path = ['/private/cli', ...words, ...(shown === undefined ? [] : [shown])].join('/');
  const { status, headers } = await ask(world, 'OPTIONS', path);
  const allowed = headers['allow']?.split(', ') ?? [];
  expect({ status, isThere: allowed.includes(method) }).toEqual({
    status: fact.answer === 'absent' && allowed.length === 0 ? 404 : 200,
    isThere: fact.answer !== 'absent',
  });
  if (method === 'GET' && fact.answer !== 'absent') expect((await ask(world, 'GET', path)).status).toBe(200);
}

/** The page's own reference, which is served from the descriptors. */
export async function checkDoc(fact: SeedFact, world: World): Promise<void> {
  const { status, body } = await world.server.request('GET', '/openapi.json');
  expect(status).toBe(200);
  const described = isInstance(fact) ? `${fact.name}/{${world.key}}` : fact.name;
  expect(body.paths[described]).toHaveProperty(fact.verb.toLowerCase());
}
