import { readFileSync } from 'node:fs';

/** What a fact is about; each kind is held by one check (fact-checks.ts). */
const kinds = [
  'endpoint',
  'command',
  'doc',
  'path',
  'query',
  'filter',
  'status',
  'header',
  'member',
  'field',
  'body',
  'code',
  'error',
  'example-request',
  'example-response',
  'example-error',
] as const;
/** What a row tells of; each kind has a check of its own. */
export type FactKind = (typeof kinds)[number];

/**
 * What we answer: as it is written; otherwise (`differs`); that it cannot be asked or set (`refused`); or nothing of the
 * kind is there (`absent`). All but `served` have a reason.
 */
const answers = ['served', 'differs', 'refused', 'absent'] as const;
export type FactAnswer = (typeof answers)[number];

/** JSON types as the pages name them; examples are objects. */
export type FactType = 'string' | 'integer' | 'boolean' | 'array' | 'object';

/** One thing that a page of NetApp's documentation says about one verb of one endpoint. */
export interface SeedFact {
  /** Short name of the page: `sa-9.16.1`, `policies-9.7`, … */
  readonly seed: string;
  readonly verb: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/api`, the key as `{uuid}`. */
  readonly path: string;
  readonly kind: FactKind;
  readonly name: string;
  readonly type: FactType | undefined;
  /** `default`, `min`, `max`, `since`, `enum` and what examples hold. */
  readonly detail: ReadonlyMap<string, string>;
  readonly answer: FactAnswer;
  readonly reason: string;
}

const columns = ['seed', 'verb', 'path', 'kind', 'name', 'type', 'detail', 'answer', 'reason'] as const;

/** The table of `seed-facts.tsv`. Throws on a row that is no fact, or that is told twice. */
export function readSeedFacts(): readonly SeedFact[] {
  const [head, ...lines] = readFileSync(new URL('seed-facts.tsv', import.meta.url), 'utf8')
    .replace(/\n$/, '')
    .split('\n');
  if (head !== columns.join('\t')) throw new Error(`the columns are not ${columns.join(', ')}`);
  const seen = new Set<string>();
  return lines.map((line) => {
    const cells = line.split('\t');
    if (cells.length !== columns.length) throw new Error(`not ${columns.length} cells: ${line}`);
    const identity = cells.slice(0, 5).join(' ');
    if (seen.has(identity)) throw new Error(`told twice: ${identity}`);
    seen.add(identity);
    return factOf(line, cells);
  });
}

function factOf(line: string, cells: readonly string[]): SeedFact {
  const [seed = '', verb, path = '', kind, name = '', type, detail = '', answer, reason = ''] = cells;
  const wrong = (what: string) => new Error(`${what} is not known: ${line}`);
  const fact = {
    seed,
    verb: (['GET', 'POST', 'PATCH', 'DELETE'] as const).find((each) => each === verb),
    path,
    kind: kinds.find((each) => each === kind),
    name,
    type: (['string', 'integer', 'boolean', 'array', 'object'] as const).find((each) => each === type),
    detail: new Map(detail === '' ? [] : detail.split('; ').map(pairOf)),
    answer: answers.find((each) => each === answer),
    reason,
  };
  if (fact.verb === undefined) throw wrong('the verb');
  if (fact.kind === undefined) throw wrong('the kind');
  if (fact.type === undefined && type !== '') throw wrong('the type');
  if (fact.answer === undefined) throw wrong('the answer');
  if (fact.answer !== 'served' && reason === '') throw new Error(`a reason is missing: ${line}`);
  return { ...fact, verb: fact.verb, kind: fact.kind, answer: fact.answer };
}

/**
 * The details of a fact, and which of them its check has asked for: a detail that nobody asks for is asserted by
 * nothing.
 */
export class AskedDetail extends Map<string, string> {
  readonly #asked = new Set<string>();

  override get(key: string): string | undefined {
    this.#asked.add(key);
    return super.get(key);
  }

  /** What nobody has asked for so far. */
  unasked(): readonly string[] {
    return [...this.keys()].filter((key) => !this.#asked.has(key));
  }
}

function pairOf(text: string): readonly [string, string] {
  const [key = '', ...value] = text.split('=');
  return [key, value.join('=')];
}
