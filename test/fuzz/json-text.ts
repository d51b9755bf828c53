import type { SeededRandom } from '../robustness/seeded-random.ts';

/** JSON that need not be: members may repeat, texts may be anything. A string is JSON text as it is printed. */
export type JsonText =
  | string
  | readonly JsonText[]
  | { readonly members: readonly (readonly [string, JsonText])[] };

/** The members of an object as an array of names and values, in order. */
export function objectOf(members: readonly (readonly [string, JsonText])[]): JsonText {
  return { members };
}

/** What to put where something else was expected. */
const strangeValues: readonly string[] = [
  'null',
  'true',
  '""',
  '[]',
  '{}',
  '[[]]',
  '[null]',
  '{"":{}}',
  '0',
  '-0',
  '-1',
  '1e400',
  '-1e400',
  '1E-400',
  '9007199254740993',
  '123456789012345678901234567890',
  '0.1',
  'NaN',
  'undefined',
  '01',
  '"\\ud800"',
  '"\\u0000"',
  '"\u0001"',
  '"\\u202e"',
  '"é"',
  '"%s%n"',
  '"../../etc/passwd"',
  '"__proto__"',
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"toString":1,"valueOf":2,"toJSON":3}',
  '{"then":"x"}',
  `"${'a'.repeat(3_000)}"`,
  `"${'*a'.repeat(500)}b"`,
  '[1,2,3,"4"]',
  '{"records":[]}',
];

const strangeNames = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  '',
  '.',
  '..',
  'svm.',
  '.name',
  'svm..name',
  'svm.name.x',
  'records',
  'records[0]',
  '_links',
  'num_records',
  'name ',
  'NAME',
  'n\\u0061me',
  '\\ud800',
  'a'.repeat(300),
];

/** The text changed in one place, or two. */
export function mutated(tree: JsonText, random: SeededRandom): JsonText {
  if (typeof tree === 'string') return random.below(4) === 0 ? nested(random) : random.pick(strangeValues);
  if (!('members' in tree)) {
    const index = random.below(Math.max(tree.length, 1));
    if (tree.length === 0 || random.below(4) === 0) return random.pick(strangeValues);
    if (random.below(3) === 0) return [...tree, ...tree];
    return tree.map((item, place) => (place === index ? mutated(item, random) : item));
  }
  const { members } = tree;
  const index = random.below(Math.max(members.length, 1));
  const chosen = members[index];
  switch (chosen === undefined ? 0 : random.below(9)) {
    case 0:
      return objectOf([...members, [random.pick(strangeNames), random.pick(strangeValues)]]);
    case 1:
      return objectOf([...members, ...members.slice(index, index + 1)]);
    case 2:
      return objectOf(members.toSpliced(index, 1));
    case 3:
      return objectOf([...members, [chosen?.[0] ?? '', random.pick(strangeValues)]]);
    case 4:
      return objectOf(members.with(index, [random.pick(strangeNames), chosen?.[1] ?? 'null']));
    case 5:
      return objectOf([...members, ['records', [tree]]]);
    case 6:
      return random.below(3) === 0 ? random.pick(strangeValues) : objectOf(dotted(members));
    default:
      return objectOf(members.with(index, [chosen?.[0] ?? '', mutated(chosen?.[1] ?? '', random)]));
  }
}

/** The text itself. */
export function writtenJson(tree: JsonText): string {
  if (typeof tree === 'string') return tree;
  if (!('members' in tree)) return `[${tree.map(writtenJson).join(',')}]`;
  return `{${tree.members.map(([name, value]) => `"${name}":${writtenJson(value)}`).join(',')}}`;
}

type Member = readonly [string, JsonText];

/** Objects within objects as dotted names. */
function dotted(members: readonly Member[]): readonly Member[] {
  return members.flatMap(([name, value]): readonly Member[] =>
    typeof value === 'object' && 'members' in value
      ? dotted(value.members).map(([inner, leaf]) => [`${name}.${inner}`, leaf])
      : [[name, value]],
  );
}

function nested(random: SeededRandom): string {
  const depth = random.pick([10, 1_000, 20_000]);
  const [open, close] = random.pick([
    ['[', ']'],
    ['{"svm":', '}'],
    ['[', ''],
  ]);
  return `${open?.repeat(depth)}1${close?.repeat(depth)}`;
}
