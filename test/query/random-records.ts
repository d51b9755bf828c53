import type { SeededRandom } from '../robustness/seeded-random.ts';
import type { NaiveFields, NaiveRecord } from './naive-collection.ts';
import type { NaiveValue } from './naive-values.ts';

/** One field of each type, two of some. */
export const modelFields = {
  uuid: { type: 'text' },
  name: { type: 'text' },
  'peer.label': { type: 'text', aliases: ['peer.labels'] },
  state: { type: 'text', choices: ['up', 'down', 'unknown'] },
  suite: { type: 'word', choices: ['esp_udp', 'esp_tra', 'bypass'] },
  height: { type: 'whole' },
  bytes: { type: 'count', aliases: ['offloaded_bytes'] },
  enabled: { type: 'flag' },
  since: { type: 'date' },
  address: { type: 'address' },
  'peer.address': { type: 'address' },
  port: { type: 'range' },
  colours: { type: 'list' },
} as const satisfies NaiveFields;

export type ModelFieldName = keyof typeof modelFields;

const texts: Readonly<Record<Exclude<ModelFieldName, 'uuid'>, readonly NaiveValue[]>> = {
  name: [
    '',
    'a',
    'ab',
    'abc',
    'abcabc',
    'B',
    'a*b',
    'a|b',
    'a..b',
    '!a',
    '<5',
    'null',
    'joe "x"',
    '{y}',
    'é',
    '10',
    '9',
    'a,b',
    'ba ab',
    '"}',
  ],
  'peer.label': ['CN=a, O=b', 'x', 'xx', 'xxx', 'x.y', '.', '..', 'true', '10.0.0.1', '&=+%', '💥', 'ﬀ'],
  state: ['up', 'down', 'unknown'],
  suite: ['esp_udp', 'esp_tra', 'bypass'],
  height: [-5, -1, 0, 1, 9, 10, 64, 100, 1023, 1024, 2 ** 53 - 1, -(2 ** 53 - 1)],
  bytes: [
    '0',
    '1',
    '1023',
    '1024',
    '1048576',
    '9007199254740991',
    '9007199254740992',
    '9007199254740993',
    '18446744073709551615',
  ],
  enabled: [true, false],
  since: [
    '2024-02-29T00:00:00Z',
    '2024-02-29T01:00:00+01:00',
    '2024-03-01T00:00:00Z',
    '2024-02-28T23:59:59.999Z',
    '1969-12-31T23:59:59Z',
    '2026-11-21T12:00:00.5Z',
    '2024-02-29',
  ],
  address: [
    '10.0.0.1',
    '10.0.0.2',
    '10.0.0.10',
    '9.255.255.255',
    '255.255.255.255',
    '0.0.0.0',
    '2001:db8::1',
    '2001:DB8:0:0::2',
    '2001:db8:0:0:1:0:0:1',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    'fe80::a:0:0:1',
    '1:0:0:2::',
    'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
  ],
  'peer.address': ['10.0.0.1', '10.1.0.0', '2001:db8::1', '2001:db8::10', '::ffff:a00:1'],
  port: ['0-0', '24', '24-24', '201-201', '9-100', '2049-2049', '1-65535', '100-200'],
  colours: [[], ['red'], ['white', 'red'], ['red', 'white'], ['green', 'blue', 'red'], ['r'], ['']],
};

/** Records of which about a quarter of the values are unset. */
export function randomRecords(random: SeededRandom): readonly NaiveRecord[] {
  return Array.from({ length: 1 + random.below(14) }, (_, index) => {
    const uuid = `${random.pick(['a', 'b', 'B', '0', 'é'])}${index}`;
    const entries = Object.entries(texts).flatMap(([name, values]) =>
      random.below(4) === 0 ? [] : [[name, random.pick(values)] as const],
    );
    return { ...Object.fromEntries(entries), uuid };
  });
}

/** A value that a field may hold, as text. */
export function valueText(name: ModelFieldName, random: SeededRandom): string {
  if (name === 'uuid') return `${random.pick(['a', 'b', 'B'])}${random.below(12)}`;
  const value = random.pick(texts[name]);
  return typeof value === 'object' ? random.pick(['red', 'white', 'green', 'r', '']) : String(value);
}
