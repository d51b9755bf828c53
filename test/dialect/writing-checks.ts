import { errorCatalogue } from '@esplanade/server/error-catalogue';
import { expect } from 'vitest';
import { flatten, type Leaf, valueAt } from './flat-record.ts';
import { requestForKey, withNew } from './requests.ts';
import type { SeedFact } from './seed-facts.ts';
import { ask, type Sample, type World } from './world.ts';

/** A field of a body is written and read back; what cannot be set is 262196, and what it cannot hold is refused. */
export async function checkBody(fact: SeedFact, world: World): Promise<void> {
  const sample = Object.hasOwn(world.samples, fact.name) ? world.samples[fact.name] : undefined;
  if (sample === undefined) throw new Error(`there is no sample of ${fact.name}`);
  const words = fact.detail.get('enum')?.split('|');
  if (fact.answer === 'refused') {
    for (const refused of [sample.body, ...(words ?? []).map((word) => ({ [fact.name]: word }))]) {
      const { status, body } = await sent(fact, world, refused);
      expect({ status, ...body.error }).toMatchObject({ status: 400, code: '262196' });
      expect(`${body.error.target}.`).toContain(`${fact.name}.`);
    }
    return;
  }
  if (words !== undefined) await checkWords(words, sample, fact, world);
  if (fact.detail.get('default') !== undefined) {
    // What would be filled in is asked for instead: the body that is refused lacks it.
    expect(fact.answer).toBe('differs');
    expect(flatten(sample.refused?.body).has(fact.name)).toBe(false);
    expect(sample.refused).toBeDefined();
  }
  expect(await readBack(fact, world, sample)).toMatchObject(sample.shows);
  if (sample.refused === undefined) return;
  const { status, body } = await sent(fact, world, sample.refused.body);
  expect({ status, ...body.error }).toMatchObject({ status: 400, code: sample.refused.code });
}

/** Each word is taken and shown, and no other is taken. */
async function checkWords(
  words: readonly string[],
  { wordBodies = {} }: Sample,
  fact: SeedFact,
  world: World,
): Promise<void> {
  expect(Object.keys(wordBodies).sort()).toEqual(words.toSorted());
  for (const [word, body] of Object.entries(wordBodies))
    expect(await readBack(fact, world, { body, shows: {} })).toMatchObject({ [fact.name]: word });
  const { status, body } = await sent(fact, world, { [fact.name]: 'no-such-word' });
  expect({ status, target: body.error?.target }).toEqual({ status: 400, target: fact.name });
}

/** The whole record after the sample was written. */
async function readBack(
  fact: SeedFact,
  world: World,
  { body, patch = body }: Sample,
): Promise<Record<string, Leaf>> {
  const read = async (path: string) => Object.fromEntries(flatten((await ask(world, 'GET', path)).body));
  if (world.key === undefined) {
    expect(await ask(world, 'PATCH', world.path, body)).toMatchObject({ status: 200 });
    const shown = await read(world.path);
    await ask(world, 'PATCH', world.path, world.patchBody);
    return shown;
  }
  if (fact.verb === 'POST') return withNew(world, { body: { ...world.newBody(), ...body } }, read);
  return withNew(world, {}, async (location) => {
    expect(await ask(world, 'PATCH', location, patch)).toMatchObject({ status: 200 });
    return read(location);
  });
}

/** The answer to a body that should not be taken: over a new record, or as one. */
async function sent(fact: SeedFact, world: World, over: object) {
  if (world.key === undefined) return ask(world, 'PATCH', world.path, over);
  if (fact.verb === 'PATCH') return withNew(world, {}, (location) => ask(world, 'PATCH', location, over));
  return ask(world, 'POST', world.path, { ...world.newBody(), ...over });
}

/** The page's example, sent as it stands and, where it names what is not here, with what is. */
export async function checkExampleRequest(fact: SeedFact, world: World): Promise<void> {
  const example: Readonly<Record<string, unknown>> = JSON.parse(fact.name);
  if (fact.answer === 'served') {
    expect(await sent(fact, world, example)).toMatchObject({ status: 200 });
    return;
  }
  const asItStands = await sent(fact, world, example);
  expect(asItStands.status).toBeGreaterThanOrEqual(400);
  const { uuid: _uuid, scope, svm: _svm, ...others } = example;
  const known = world.newBody();
  const mended =
    fact.verb === 'PATCH'
      ? others
      : { ...known, ...others, ...world.exampleOver, ...(scope === undefined ? {} : { scope }) };
  const shown = await readBack(fact, world, { body: mended, shows: {} });
  const expected = flatten({ ...others, ...world.exampleOver });
  for (const [name, value] of expected) expect([name, shown[name]]).toEqual([name, printed(name, value)]);
}

/** The form in which the value of an example is shown again. */
function printed(name: string, value: Leaf): Leaf {
  if (name === 'protocol') return value === '17' ? 'udp' : value;
  return name.endsWith('.port') ? `${value}-${value}` : value;
}

/** A code is raised by a request, or the catalogue says why it cannot be. */
export async function checkCode(fact: SeedFact, world: World): Promise<void> {
  const provocation = Object.hasOwn(world.provocations, fact.name)
    ? world.provocations[fact.name]
    : undefined;
  if (fact.answer === 'absent') {
    expect(provocation).toBeUndefined();
    expect(whyAbsent(fact)).toBeDefined();
    return;
  }
  if (provocation === undefined) throw new Error(`nothing raises ${fact.name}`);
  const { body, key, instead, until } = provocation;
  if (fact.answer === 'differs' && instead === undefined) {
    expect(whyAbsent(fact)).toBeDefined();
    await readBack(fact, world, { body: body ?? {}, shows: {} });
    return;
  }
  const provoked = (where: World) =>
    body === undefined ? requestForKey(fact, where, key) : sent(fact, where, body);
  const { status, body: answer } = await provoked(world);
  expect(status).toBe(instead?.status ?? provocation.status ?? 400);
  expect(codesOf(answer)).toContain(instead?.code ?? fact.name);
  if (until !== undefined) expect(codesOf((await provoked(await world.at(until))).body)).toContain(fact.name);
}

/** What the catalogue says of a code that no request is answered with. */
function whyAbsent({ name }: SeedFact): string | undefined {
  return errorCatalogue.find(({ code }) => code === name)?.absentBecause;
}

/** The codes of everything that was wrong. */
function codesOf(body: unknown): readonly unknown[] {
  const others = valueAt(body, 'error.arguments');
  return [valueAt(body, 'error.code'), ...(Array.isArray(others) ? others.map(({ code }) => code) : [])];
}
