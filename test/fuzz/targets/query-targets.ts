import type { ApiResponse } from '@esplanade/ontap';
import { modelApi, modelPath } from '../../query/model-api.ts';
import { randomQuery } from '../../query/random-queries.ts';
import { modelFields, randomRecords } from '../../query/random-records.ts';
import { SeededRandom } from '../../robustness/seeded-random.ts';
import type { FuzzTarget } from '../guided/fuzz-target.ts';
import { at, listOf } from '../operations.ts';
import { encoded, expression } from '../query-text.ts';

const parameters = [
  'fields',
  'order_by',
  'query',
  'query_fields',
  'max_records',
  'start',
  'return_records',
  'return_timeout',
  'pretty',
  'ignore_unknown_fields',
  'continue_on_failure',
];
const names = Object.keys(modelFields);
/** Node takes no longer request line than fits its headers. */
const mostBytes = 16_000;

const random = new SeededRandom(1);
const api = modelApi({ records: Array.from({ length: 8 }, () => randomRecords(random)).flat() });
const words = [
  ...parameters.map((name) => `&${name}=`),
  ...names.flatMap((name) => [name, `&${name}=`]),
  ...'| ! .. * < <= > >= " { } null , %2C + %20 desc asc %22 %7B %00 %ED%A0%80 ** !'.split(' '),
];

const queries = [
  'fields=*&order_by=name desc,height&max_records=3',
  'name=*a*|!null&height=>=1&bytes=1..99',
  'query=a*&query_fields=name,peer.label',
  'since=>2026-01-01T00:00:00Z&address=10.0.0.1|::1&port=1-9',
  'colours="a b"|{c|d}&enabled=true&ignore_unknown_fields=true&fields=none,name',
  `name=${Array.from({ length: 1_000 }, (_, index) => `*a${index}*`).join('|')}`,
  ...Array.from({ length: 20 }, () => randomQuery(random).text),
];

/** A query string on a collection that has a field of each type. */
const query: FuzzTarget = {
  name: 'query',
  seeds: queries.map((text) => Buffer.from(text)),
  words: words.map((word) => Buffer.from(word)),
  mostBytes,
  mutate: (input, random) => {
    const pieces = Buffer.from(input).toString('latin1').split('&');
    const name = random.pick([...names, ...parameters]);
    const place = random.below(pieces.length + 1);
    return Buffer.from(
      pieces
        .toSpliced(place, random.below(2), `${name}=${encoded(expression([], random), random)}`)
        .join('&'),
      'latin1',
    );
  },
  run: (input) => ask(Buffer.from(input).toString('latin1')),
};

/** What is within a page's token, as JSON; the query it belongs to comes first, on a line of its own. */
const pageToken: FuzzTarget = {
  name: 'page-token',
  seeds: [
    'order_by=name desc\n["name desc,uuid",["a","0"]]',
    'order_by=bytes\n["bytes,uuid",["18446744073709551615","0"]]',
    'order_by=height,since\n["height,since,uuid",[1,1770000000000,"0"]]',
    'fields=*\n["uuid",["1"]]',
    'fields=*\n["uuid",[null]]',
  ].map((text) => Buffer.from(text)),
  words: [
    'null',
    '""',
    '[[]]',
    '"uuid"',
    '{}',
    '-1',
    '1e400',
    '"__proto__"',
    '[',
    ']',
    ',',
    '\\ud800',
    ' desc',
  ].map((word) => Buffer.from(word)),
  mostBytes: 8_000,
  run: (input) => {
    const [line = '', ...rest] = Buffer.from(input).toString('latin1').split('\n');
    return ask(`${line}&start=${Buffer.from(rest.join('\n'), 'latin1').toString('base64url')}`);
  },
};

async function ask(text: string): Promise<string> {
  const response = await api.handle({
    method: 'GET',
    url: `${modelPath}?${text}`,
    accept: 'application/json',
    body: new Uint8Array(),
    principal: { account: 'admin', role: 'admin' },
    signal: new AbortController().signal,
  });
  return outcomeOf(response);
}

function outcomeOf({ status, body }: ApiResponse): string {
  const parsed: unknown = JSON.parse(body);
  if (status === 200) {
    if (!Array.isArray(at(parsed, 'records')) && at(parsed, 'num_records') === undefined)
      throw new Error('neither records nor their number');
    if (listOf(at(parsed, 'records')).length > 10_000) throw new Error('more than a page');
  } else if (status !== 400 || typeof at(at(parsed, 'error'), 'code') !== 'string')
    throw new Error(`answered ${status}: ${body.slice(0, 500)}`);
  return String(status);
}

export const queryTargets: readonly FuzzTarget[] = [query, pageToken];
