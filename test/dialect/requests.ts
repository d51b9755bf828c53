import type { Answer } from '@esplanade/server/testing';
import type { FlatRecord } from './flat-record.ts';
import type { SeedFact } from './seed-facts.ts';
import { ask, pathTo, type World } from './world.ts';

/** Whether the fact is about one record that the path names. */
export function isInstance({ path }: Pick<SeedFact, 'path'>): boolean {
  return path.endsWith('}');
}

/** The first record of the world. */
export function firstRecord({ records }: World): FlatRecord {
  const [first] = records;
  if (first === undefined) throw new Error('the world is empty');
  return first;
}

/** Creates a record, hands it over, and takes it away again: other checks count the records. */
export async function withNew<Result>(
  world: World,
  { query = '', body = world.newBody() }: { readonly query?: string; readonly body?: object },
  use: (location: string, answer: Answer) => Promise<Result>,
): Promise<Result> {
  const answer = await ask(world, 'POST', `${world.path}${query}`, body);
  const location = answer.headers['location'];
  if (answer.status !== 201 || location === undefined) throw new Error(`not created: ${answer.text}`);
  const path = location.replace(/^\/api/, '');
  try {
    return await use(path, answer);
  } finally {
    await ask(world, 'DELETE', path);
  }
}

/** A request of the fact's verb and path that is good; what it writes is undone. */
export async function goodRequest(fact: SeedFact, world: World, query = ''): Promise<Answer> {
  const suffix = query === '' ? '' : `?${query}`;
  switch (fact.verb) {
    case 'GET':
      return ask(
        world,
        'GET',
        `${isInstance(fact) ? pathTo(world, firstRecord(world)) : world.path}${suffix}`,
      );
    case 'PATCH':
      return ask(world, 'PATCH', `${pathTo(world, firstRecord(world))}${suffix}`, world.patchBody);
    case 'POST':
      return withNew(world, { query: suffix }, async (_location, answer) => answer);
    case 'DELETE':
      return withNew(world, {}, (location) => ask(world, 'DELETE', `${location}${suffix}`));
  }
}

/** The same request with two parameters that nobody knows. */
export function badRequest(fact: SeedFact, world: World): Promise<Answer> {
  const path = isInstance(fact) ? pathTo(world, firstRecord(world)) : world.path;
  const body = fact.verb === 'POST' ? world.newBody() : fact.verb === 'PATCH' ? world.patchBody : undefined;
  return ask(world, fact.verb, `${path}?nonsense=1&absurd=2`, body);
}

/** A request of the fact's verb for one key; unless it is given, for one that is not there. */
export function requestForKey(
  fact: SeedFact,
  world: World,
  key = '00000000-0000-4000-8000-00000000dead',
): Promise<Answer> {
  const body = fact.verb === 'PATCH' ? world.patchBody : undefined;
  return ask(world, fact.verb, `${world.path}/${key}`, body);
}
