import type { SeededRandom } from '../robustness/seeded-random.ts';
import type { FuzzRequest } from './fuzz-request.ts';
import { type JsonText, mutated, objectOf, writtenJson } from './json-text.ts';
import type { BodyField, Operation } from './operations.ts';
import { encoded, expression } from './query-text.ts';
import type { Knowledge } from './stage.ts';
import { strangeHeader } from './strange-headers.ts';

const strangeMethods = [
  'HEAD',
  'OPTIONS',
  'PUT',
  'TRACE',
  'CONNECT',
  'PROPFIND',
  'SEARCH',
  'QUERY',
  'get',
  'BREW',
  '',
];

const strangePaths = [
  '/',
  '/api',
  '/api/',
  '/api//',
  '//api/cluster',
  '/API/cluster',
  '/api/../api/cluster',
  '/api/%2e%2e/cluster',
  '/api/cluster/',
  '/api/cluster/x/y/z',
  '/api/__proto__',
  '/api/constructor/prototype',
  '/api/security//ipsec///policies',
  '/api/security%2Fipsec',
  '/api/security/ipsec/policies/%',
  '/api/security/ipsec/policies/%00',
  '/api/security/ipsec/policies/__proto__',
  '/api/security/ipsec/policies/constructor',
  '/api/security/ipsec/security-associations/%ED%A0%80',
  '/api/private/cli',
  '/api/private/cli/security/ipsec',
  '/api/private/cli/version',
  '/openapi.json',
  '/docs/api',
  '/metrics',
  '*',
  'https://localhost/api/cluster',
  '/api/%E0%A4%A',
];

type MakeText = (random: SeededRandom, fields: readonly string[]) => string;

const fieldList: MakeText = (random, fields) =>
  Array.from({ length: 1 + random.below(4) }, () => {
    const name = random.below(15) === 0 || fields.length === 0 ? expression([], random) : random.pick(fields);
    return `${random.below(6) === 0 ? '!' : ''}${name}`;
  }).join(',');
const plainFieldList: MakeText = (random, fields) => fieldList(random, fields).replaceAll('!', '');
const flag: MakeText = (random) =>
  random.pick(['true', 'false', 'true', 'false', 'TRUE', 'false', 'true', '1', '']);
const number: MakeText = (random) =>
  random.pick(['1', '3', '20', '120', '7', '15', '0', '100', '10000', '-1', '99999999999999', '1.5', 'x']);
const anything: MakeText = (random) => expression([], random);

/** What ONTAP's generic parameters take; every other name is a field. */
const genericTexts: Readonly<Record<string, MakeText>> = {
  fields: (random, fields) =>
    random.pick(['*', '**', '', fieldList(random, fields), fieldList(random, fields)]),
  query_fields: plainFieldList,
  query: anything,
  order_by: (random, fields) =>
    plainFieldList(random, fields).replaceAll(',', () => random.pick([' desc,', ' asc,', ',', ',', ' up,'])),
  $orderBy: plainFieldList,
  max_records: number,
  return_timeout: number,
  start: (random) =>
    Buffer.from(expression(['["uuid",["0"]]', '["uuid",[0]]', '["uuid",[]]', '[[[[', '{}'], random)).toString(
      'base64url',
    ),
  pretty: flag,
  return_records: flag,
  ignore_unknown_fields: flag,
  return_unmatched_nested_array_objects: flag,
  continue_on_failure: flag,
  serial_records: flag,
  force: flag,
};

/** Makes requests out of what the server says it takes and what it holds: mostly right ones with one thing wrong. */
export class RequestMaker {
  readonly #operations: readonly Operation[];
  readonly #knowledge: Knowledge;
  readonly #random: SeededRandom;

  constructor(operations: readonly Operation[], knowledge: Knowledge, random: SeededRandom) {
    this.#operations = operations;
    this.#knowledge = knowledge;
    this.#random = random;
  }

  next(): FuzzRequest {
    const random = this.#random;
    const operation = random.pick(this.#operations);
    const body = this.#body(operation);
    const request: FuzzRequest = {
      method: this.#rarely(30) ? random.pick(strangeMethods) : operation.method,
      path: this.#path(operation),
      parameters: this.#parameters(operation),
      headers: this.#headers(),
      body,
      chunkBytes:
        body !== undefined && this.#rarely(10) ? random.pick([1 + (body.length >> 3), 4_096]) : undefined,
    };
    return this.#rarely(12) ? this.#withNoise(request) : request;
  }

  #rarely(oneIn: number): boolean {
    return this.#random.below(oneIn) === 0;
  }

  #path({ path }: Operation): string {
    const random = this.#random;
    if (this.#rarely(40)) return random.pick(strangePaths);
    if (!path.includes('{')) return this.#rarely(30) ? `${path}/` : path;
    const collection = path.slice(0, path.indexOf('/{'));
    const known = this.#knowledge.instances.get(collection) ?? [];
    if (known.length > 0 && !this.#rarely(4)) return random.pick(known);
    return `${collection}/${encoded(expression([], random), random)}`;
  }

  #parameters({ parameters, method, path }: Operation): readonly string[] {
    const random = this.#random;
    const count = random.pick([0, 0, 1, 1, 1, 2, 2, 3, 6]);
    const names = Array.from({ length: parameters.length === 0 ? 0 : count }, () => random.pick(parameters));
    // The same name twice is refused; now and then it may be.
    const chosen = this.#rarely(12) ? names : [...new Set(names)];
    const written = chosen.map((name) => this.#parameter(name, parameters));
    const isCollection = !path.includes('{');
    // Mostly small pages: whole collections would take most of the time.
    if (method === 'GET' && isCollection && !chosen.includes('max_records') && !this.#rarely(8))
      written.push(`max_records=${1 + random.below(20)}`);
    // Without a filter nothing is changed.
    const filters = parameters.filter((name) => !Object.hasOwn(genericTexts, name));
    if (['PATCH', 'DELETE'].includes(method) && isCollection && filters.length > 0 && !this.#rarely(6))
      written.push(this.#parameter(random.pick(filters), parameters));
    if (this.#rarely(60)) written.push(...Array.from({ length: 200 }, (_, index) => `p${index}=${index}`));
    return written;
  }

  #parameter(name: string, all: readonly string[]): string {
    const random = this.#random;
    const make = Object.hasOwn(genericTexts, name) ? genericTexts[name] : undefined;
    const fields = all.filter((each) => !Object.hasOwn(genericTexts, each));
    const text = make?.(random, fields) ?? expression(this.#knowledge.values.get(name) ?? [], random);
    const written = encoded(this.#rarely(100) ? expression([], random) : name, random);
    return this.#rarely(100) ? written : `${written}=${encoded(text, random)}`;
  }

  #headers(): readonly (readonly [string, string])[] {
    const random = this.#random;
    const accept: readonly [string, string] = [
      'Accept',
      random.pick(['application/json', '*/*', 'application/hal+json']),
    ];
    const chosen = this.#rarely(3) ? [] : [accept];
    return this.#rarely(6) ? [...chosen, strangeHeader(random)] : chosen;
  }

  #body({ method, bodyFields }: Operation): Uint8Array | undefined {
    const random = this.#random;
    const fields = bodyFields ?? [];
    if (method === 'GET' && !this.#rarely(80)) return undefined;
    if (method === 'DELETE' && !this.#rarely(6)) return undefined;
    let tree = this.#record(fields);
    if (this.#rarely(12))
      tree = objectOf([['records', Array.from({ length: random.below(4) }, () => this.#record(fields))]]);
    while (random.below(5) < 2) tree = mutated(tree, random);
    return Buffer.from(this.#rarely(2_000) ? writtenJson(tree).padEnd(1_100_000) : writtenJson(tree));
  }

  #record(fields: readonly BodyField[]): JsonText {
    const random = this.#random;
    const isSparse = random.below(3) === 0;
    const root = new Map<string, JsonText | Map<string, JsonText>>();
    for (const field of fields) {
      if (random.below(20) < (isSparse ? 14 : 1)) continue;
      const [head = '', ...rest] = field.name.split('.');
      const value = this.#value(field);
      if (rest.length === 0) root.set(head, value);
      else {
        const inner = root.get(head);
        const members = inner instanceof Map ? inner : new Map<string, JsonText>();
        root.set(head, members.set(rest.join('.'), value));
      }
    }
    return objectOf(
      [...root].map(([name, value]) => [name, value instanceof Map ? objectOf([...value]) : value] as const),
    );
  }

  #value({ name, type, values }: BodyField): JsonText {
    const random = this.#random;
    const known = this.#knowledge.values.get(name) ?? [];
    if (values.length > 0 && !this.#rarely(5)) return JSON.stringify(random.pick(values));
    if (/(secret_key|shared_key)$/.test(name) && !this.#rarely(5)) return '"a key of the fuzzed server"';
    if (name === 'name' && !this.#rarely(4)) return `"fuzz${random.below(12)}"`;
    const text = known.length > 0 && !this.#rarely(5) ? random.pick(known) : expression([], random);
    return /integer|boolean|number/.test(type) && /^[\w.-]+$/.test(text) ? text : JSON.stringify(text);
  }

  /** Some bytes of one part exchanged, cut or doubled. */
  #withNoise(request: FuzzRequest): FuzzRequest {
    const { parameters, body } = request;
    if (body !== undefined && this.#random.below(3) > 0)
      return { ...request, body: Buffer.from(this.#noisy(Buffer.from(body).toString('latin1')), 'latin1') };
    if (parameters.length === 0) return { ...request, path: this.#noisy(request.path) };
    const index = this.#random.below(parameters.length);
    return { ...request, parameters: parameters.with(index, this.#noisy(parameters[index] ?? '')) };
  }

  #noisy(text: string): string {
    const random = this.#random;
    let noisy = text;
    for (let count = 1 + random.below(4); count > 0; count -= 1) {
      const place = random.below(noisy.length + 1);
      const byte = String.fromCharCode(random.below(256));
      const cut = random.pick([0, 0, 1, 1, 8]);
      noisy =
        noisy.slice(0, place) +
        random.pick([byte, '', noisy.slice(place, place + 20)]) +
        noisy.slice(place + cut);
    }
    return noisy;
  }
}
