import { type NaiveAlternative, type NaiveTest, readNaively } from './naive-query.ts';
import {
  compareRanks,
  type NaiveType,
  type NaiveValue,
  printedValue,
  rankOfText,
  rankOfValue,
  word,
} from './naive-values.ts';

/** A field of the model's records. */
export interface NaiveField {
  readonly type: NaiveType;
  /** The only values there are. */
  readonly choices?: readonly string[];
  readonly aliases?: readonly string[];
}

/** A record: what is not there is unset. */
export type NaiveRecord = Readonly<Record<string, NaiveValue>> & { readonly uuid: string };

/** Fields by their dotted names. */
export type NaiveFields = Readonly<Record<string, NaiveField>>;

/** The uuids of the records a query string asks for, in order; undefined when it has to be refused. */
export function answerNaively(
  records: readonly NaiveRecord[],
  fields: NaiveFields,
  queryString: string,
): readonly string[] | undefined {
  const parameters = new Map<string, string>();
  for (const piece of queryString.split('&')) {
    const equals = piece.indexOf('=');
    const [rawName, rawValue] = [piece.slice(0, equals), piece.slice(equals + 1)];
    const [name = '', value = ''] = [rawName, rawValue].map((raw) =>
      decodeURIComponent(raw.split('+').join(' ')),
    );
    const real = nameOf(name, fields) ?? name;
    if (parameters.has(real) && parameters.get(real) !== value) return undefined;
    parameters.set(real, value);
  }
  let answer = [...records];
  for (const [name, text] of parameters) {
    const field = fields[name];
    if (field === undefined) continue;
    const alternatives = readNaively(text);
    if (alternatives === undefined || !fits(alternatives, field)) return undefined;
    answer = answer.filter((record) => passes(record[name], alternatives, field.type));
  }
  const searched = parameters.get('query');
  if (searched !== undefined) {
    const alternatives = readNaively(searched);
    if (alternatives === undefined) return undefined;
    const list = (parameters.get('query_fields') ?? Object.keys(fields).join(',')).split(',');
    const names = list.map((entry) => nameOf(entry, fields));
    if (names.includes(undefined)) return undefined;
    answer = answer.filter((record) =>
      names.some((name = '') => {
        const type = fields[name]?.type ?? 'text';
        return fits(alternatives, { type }) && passes(record[name], alternatives, type);
      }),
    );
  }
  return sorted(answer, fields, parameters.get('order_by') ?? '')?.map(({ uuid }) => uuid);
}

function nameOf(name: string, fields: NaiveFields): string | undefined {
  return Object.entries(fields).find(([each, { aliases }]) => each === name || aliases?.includes(name))?.[0];
}

/** Whether every text in the query is a value of the field. */
function fits(alternatives: readonly NaiveAlternative[], { type, choices }: NaiveField): boolean {
  return alternatives.every(({ test }) => {
    if (test.kind === 'null' || test.kind === 'like') return true;
    if (test.kind === '..') return [test.from, test.to].every((text) => rankOfText(type, text) !== undefined);
    const spelled = type === 'word' ? word(test.text) : test.text;
    if (test.kind === '=' && choices !== undefined && !choices.includes(spelled)) return false;
    return rankOfText(type, test.text) !== undefined;
  });
}

function passes(
  value: NaiveValue | undefined,
  alternatives: readonly NaiveAlternative[],
  type: NaiveType,
): boolean {
  for (const { isNegated, test } of alternatives) {
    if (test.kind === 'null') {
      if ((value === undefined) === !isNegated) return true;
    } else if (value !== undefined) {
      const values = type === 'list' && typeof value === 'object' ? value : [value];
      const holds = values.some((one) => holdsFor(one, test, type));
      if (holds !== isNegated) return true;
    }
  }
  return false;
}

function holdsFor(value: NaiveValue, test: NaiveTest, type: NaiveType): boolean {
  const against = (text: string): number =>
    compareRanks(rankOfValue(type, value), rankOfText(type, text) ?? []);
  switch (test.kind) {
    case 'null':
      return false;
    case '=':
      return against(test.text) === 0;
    case '<':
      return against(test.text) < 0;
    case '<=':
      return against(test.text) <= 0;
    case '>':
      return against(test.text) > 0;
    case '>=':
      return against(test.text) >= 0;
    case '..':
      return against(test.from) >= 0 && against(test.to) <= 0;
    case 'like': {
      const letters = type === 'word' ? test.letters.map((letter) => letter && word(letter)) : test.letters;
      return isLike(printedValue(type, value), letters);
    }
  }
}

/** Whether the letters, with undefined for any number of any letters, spell the text: by trying everything. */
function isLike(text: string, letters: readonly (string | undefined)[]): boolean {
  let ends = new Set([0]);
  for (const letter of letters) {
    const next = new Set<number>();
    for (const end of ends) {
      if (letter === undefined) for (let place = end; place <= text.length; place += 1) next.add(place);
      else if (text.slice(end, end + letter.length) === letter) next.add(end + letter.length);
    }
    ends = next;
  }
  return ends.has(text.length);
}

/** Insertion sort by one comparison after another, the uuid last; unset values after all others either way. */
function sorted(
  records: readonly NaiveRecord[],
  fields: NaiveFields,
  orderBy: string,
): readonly NaiveRecord[] | undefined {
  const terms: { readonly name: string; readonly isDescending: boolean }[] = [];
  for (const entry of orderBy.split(',')) {
    const words = entry.split(' ').filter((each) => each !== '');
    if (words.length === 0) continue;
    const [given = '', direction = 'asc'] = words;
    const name = nameOf(given, fields);
    if (name === undefined || words.length > 2 || !['asc', 'desc'].includes(direction)) return undefined;
    const isDescending = direction === 'desc';
    if (terms.some((term) => term.name === name && term.isDescending !== isDescending)) return undefined;
    terms.push({ name, isDescending });
  }
  terms.push({ name: 'uuid', isDescending: false });
  const comesBefore = (a: NaiveRecord, b: NaiveRecord): boolean => {
    for (const { name, isDescending } of terms) {
      const [left, right] = [a[name], b[name]];
      if (left === undefined && right === undefined) continue;
      if (left === undefined || right === undefined) return right === undefined;
      const type = fields[name]?.type ?? 'text';
      const order = compareRanks(rankOfValue(type, left), rankOfValue(type, right));
      if (order !== 0) return isDescending ? order > 0 : order < 0;
    }
    return false;
  };
  const result: NaiveRecord[] = [];
  for (const record of records) {
    let place = 0;
    while (place < result.length && !comesBefore(record, result[place] ?? record)) place += 1;
    result.splice(place, 0, record);
  }
  return result;
}
