import type { SeededRandom } from '../robustness/seeded-random.ts';
import { type ModelFieldName, modelFields, valueText } from './random-records.ts';

/** A query string and what it makes use of. */
export interface RandomQuery {
  readonly text: string;
  readonly uses: ReadonlySet<string>;
}

const names = Object.keys(modelFields).filter(isName);

function isName(name: string): name is ModelFieldName {
  return Object.hasOwn(modelFields, name);
}

/** Up to four filters, `query` with `query_fields`, and an order. */
export function randomQuery(random: SeededRandom): RandomQuery {
  const uses = new Set<string>();
  const pieces: [string, string][] = [];
  const filterCount = random.pick([0, 1, 1, 1, 2, 2, 3, 4]);
  if (filterCount > 1) uses.add('filters ANDed');
  for (let count = 0; count < filterCount; count += 1) {
    const name = random.pick(names);
    pieces.push([anyName(name, random, uses), expression(name, random, uses)]);
  }
  if (random.below(6) === 0) {
    uses.add('query');
    pieces.push(['query', expression(random.pick(names), random, uses)]);
    if (random.below(3) > 0) {
      uses.add('query_fields');
      const count = 1 + random.below(4);
      pieces.push([
        'query_fields',
        Array.from({ length: count }, () => anyName(random.pick(names), random, uses)).join(','),
      ]);
    }
  }
  if (random.below(2) === 0) pieces.push(['order_by', order(random, uses)]);
  if (pieces.length === 0) pieces.push(['uuid', '*']);
  return { text: pieces.map(([name, value]) => `${name}=${encoded(value, random)}`).join('&'), uses };
}

function order(random: SeededRandom, uses: Set<string>): string {
  const terms = Array.from({ length: 1 + random.below(4) }, () => {
    const direction = random.pick(['', ' asc', ' desc']);
    uses.add(`order_by${direction}`);
    return `${anyName(random.pick(names), random, uses)}${direction}`;
  });
  if (terms.length > 1) uses.add('order_by, several');
  return terms.join(',');
}

function anyName(name: ModelFieldName, random: SeededRandom, uses: Set<string>): string {
  const field = modelFields[name];
  if (!('aliases' in field) || random.below(3) > 0) return name;
  uses.add('alias');
  return random.pick<string>(field.aliases);
}

function expression(name: ModelFieldName, random: SeededRandom, uses: Set<string>): string {
  // Texts that are no queries: both sides have to refuse them.
  if (random.below(60) === 0) {
    uses.add('malformed');
    return random.pick([
      '',
      '!',
      'a|',
      '|',
      '<',
      '..',
      '1..',
      '..2',
      '"a',
      '{',
      '<1..2',
      '1..2..3',
      'a*..b',
      '>=*',
      '<=',
    ]);
  }
  const count = random.pick([1, 1, 1, 2, 3]);
  if (count > 1) uses.add('|');
  return Array.from({ length: count }, () => {
    const marks = random.pick(['', '', '', '', '!', '!', '!!']);
    if (marks !== '') uses.add(marks);
    return `${marks}${test(name, random, uses)}`;
  }).join('|');
}

function test(name: ModelFieldName, random: SeededRandom, uses: Set<string>): string {
  const literal = (): string => quoted(spelled(name, random, uses), random, uses);
  const kind = random.pick([
    '=',
    '=',
    '=',
    '<',
    '<=',
    '>',
    '>=',
    '..',
    '..',
    '*',
    '*',
    'null',
    'address range',
  ] as const);
  switch (kind) {
    case '=':
      uses.add(`= ${modelFields[name].type}`);
      return literal();
    case '..':
      uses.add(`.. ${modelFields[name].type}`);
      return `${literal()}..${literal()}`;
    case '*':
      uses.add(`* ${modelFields[name].type}`);
      return wildcard(name, random, uses);
    case 'null':
      uses.add('null');
      return 'null';
    case 'address range':
      return random.pick([
        '10.0.0.0..10.0.0.255',
        '0.0.0.0..255.255.255.255',
        '::..2001:db8::ffff',
        '10.0.0.0..::1',
        '0..1KB',
        '1..65535',
      ]);
    default:
      uses.add(`${kind} ${modelFields[name].type}`);
      return `${kind}${literal()}`;
  }
}

/** Pieces of a value between stars. */
function wildcard(name: ModelFieldName, random: SeededRandom, uses: Set<string>): string {
  const text = valueText(name, random);
  const letters = [...text];
  const from = random.below(letters.length + 1);
  const to = from + random.below(letters.length - from + 1);
  const part = (...ends: readonly number[]): string => letters.slice(...ends).join('');
  const [start, middle, end] = [part(0, from), part(from, to), part(to)];
  const plain = (piece: string): string => (piece === '' ? '' : quoted(piece, random, uses));
  return random.pick([
    '*',
    '**',
    `${plain(start)}*`,
    `*${plain(end)}`,
    `*${plain(middle)}*`,
    `${plain(start)}*${plain(end)}`,
    `${plain(start)}**${plain(middle)}*${plain(end)}`,
    `${plain(text)}*${plain(text)}`,
    // Pieces that overlap in the value.
    `${plain(start)}*${plain(text)}*${plain(end)}`,
    `${plain(part(0, to))}*${plain(part(from))}*${plain(part(-1))}`,
  ]);
}

/** A value in one of its spellings, seldom no value of the field at all. */
function spelled(name: ModelFieldName, random: SeededRandom, uses: Set<string>): string {
  if (random.below(40) === 0) {
    uses.add('another type');
    return random.pick([
      'abc',
      '-',
      '1.5',
      '2024-02-30',
      '2024-13-01',
      '24:00',
      '1.2.3',
      '1.2.3.256',
      ':::',
      '1::2::3',
      '99-',
      'tru',
      '12345678-1',
      '9007199254740992',
      '',
    ]);
  }
  const text = valueText(name, random);
  switch (modelFields[name].type) {
    case 'whole':
    case 'count': {
      const other = random.pick([
        text,
        text,
        `+${text}`,
        `00${text}`,
        '1KB',
        '1kb',
        '1MB',
        '0TB',
        '-1KB',
        '8PB',
        '5',
        '8796093022208KB',
      ]);
      if (/b$/i.test(other)) uses.add('size suffix');
      if (text.length > 15) uses.add('beyond 2^53');
      return other.replace('+-', '-').replace('00-', '-00');
    }
    case 'flag': {
      const spelling = random.pick([
        'true',
        'TRUE',
        'yes',
        'Yes',
        'on',
        '1',
        'false',
        'False',
        'no',
        'off',
        'OFF',
        '0',
      ]);
      uses.add(`flag ${spelling.toLowerCase()}`);
      return spelling;
    }
    case 'date':
      return random.pick([
        text,
        text,
        '2024-02-29',
        '2024-02-29T00:00',
        '2024-02-28T23:00:00-01:00',
        '2024-02-29T05:30:00+0530',
        '2024-03-01t00:00:00z',
        '2024-02-29T00:00:00.000',
        '1999-12-31',
      ]);
    case 'address':
      return random.pick([
        text,
        text,
        text.toUpperCase(),
        '2001:db8:0::1',
        '::FFFF:10.0.0.1',
        '0:0:0:0:0:0:0:1',
        '10.0.0.128',
        '::10.0.0.1',
      ]);
    case 'range':
      return random.pick([text, text, '24', '24-24', '0', '201', '9', '100', '65535', '9-99']);
    case 'word':
      return random.pick([
        text,
        text.toUpperCase(),
        text.replaceAll('_', '-'),
        text.replaceAll('_', '-').toUpperCase(),
      ]);
    default:
      return text;
  }
}

/** The text so that it stands for itself, mostly; what then has a meaning is a query of its own. */
function quoted(text: string, random: SeededRandom, uses: Set<string>): string {
  const isSpecial = text === '' || text === 'null' || /[*|!<>=,"{}]|\.\.|^\.|\.$/.test(text);
  if (!isSpecial && random.below(8) > 0) return text;
  if (random.below(12) === 0) return text;
  const canQuote = !text.includes('"');
  const canBrace = !text.includes('}');
  if (!canQuote && !canBrace)
    return text
      .split('')
      .map((letter) => (letter === '"' ? '{"}' : `"${letter}"`))
      .join('');
  const usesQuotes = canQuote && (!canBrace || random.below(2) === 0);
  uses.add(usesQuotes ? '"…"' : '{…}');
  const half = [...text].slice(0, random.below(text.length + 1)).join('').length;
  const [open, close] = usesQuotes ? ['"', '"'] : ['{', '}'];
  if (random.below(6) === 0) return `${open}${text.slice(0, half)}${close}${open}${text.slice(half)}${close}`;
  return `${open}${text}${close}`;
}

function encoded(text: string, random: SeededRandom): string {
  const whole = encodeURIComponent(text);
  return random.below(2) === 0
    ? whole.replaceAll('%20', '+')
    : whole.replaceAll('%2C', ',').replaceAll('%3A', ':');
}
