import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ApiError, connect } from '@esplanade/sdk';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { readSeedFacts, type SeedFact } from './seed-facts.ts';

const facts = readSeedFacts();

/** NetApp's examples of answers, whether we answer so or not: the client must read what a real ONTAP sends. */
const examples = facts.filter(({ kind }) => kind === 'example-response' || kind === 'example-error');
const named = (kind: SeedFact['kind']) =>
  examples
    .filter((fact) => fact.kind === kind)
    .map((fact) => [`${fact.seed}: ${fact.verb} ${fact.path}`, fact] as const);

describe('the SDK reads the example of an answer', () => {
  it.each(named('example-response'))('%s', async (_, fact) => {
    const answer = exampleOf(fact);
    const { api, hrefs, incomplete } = serving(answer, fact.verb === 'GET' ? 200 : 201);
    const [collection = '', key] = fact.path.split(/\/\{[^}]+\}/);
    const records = [answer['records'] ?? []].flat();
    if (fact.verb === 'POST') {
      expect(await api.collection(collection).create({})).toEqual(records[0]);
      expect(incomplete).toEqual(answer['error'] === undefined ? [] : ['of code']);
    } else if (answer['num_records'] === undefined) {
      const read = key === undefined ? api.record(collection).get() : api.collection(collection).get('1');
      expect(await read).toEqual(answer);
    } else {
      expect(await Array.fromAsync(api.collection(collection))).toEqual(records);
      expect(incomplete).toEqual(answer['error'] === undefined ? [] : ['of code']);
      expect(hrefs).toEqual([`/api${collection}`]);
    }
  });
});

describe('the SDK reads the example of an error', () => {
  it.each(named('example-error'))('%s', async (_, fact) => {
    const error = await serving(exampleOf(fact), 404)
      .api.call(fact.verb, fact.path)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    const said = { code: fact.detail.get('code'), message: fact.detail.get('message') };
    expect(error).toMatchObject({ ...said, target: fact.detail.get('target'), others: [said] });
  });
});

describe('the SDK has every field of a page', () => {
  const shown = facts.filter(
    ({ kind, verb, answer }) => kind === 'field' && verb === 'GET' && answer === 'served',
  );
  const pages = [...Map.groupBy(shown, ({ seed, path }) => `${seed}: ${path}`).values()];
  const records = pages.map((fields) => [fields[0]?.path ?? '', recordOf(fields)] as const);

  it.each(records)('of %s, and its value as it is', async (path, record) => {
    const { api } = serving({ ...record, records: [record] }, 200);
    const [collection = '', key] = path.split(/\/\{[^}]+\}/);
    const isOne = key !== undefined || collection === '/security/ipsec';
    const read = isOne ? await api.record(collection).get() : await api.collection(collection).first();
    expect(read).toMatchObject(record);
  });

  it('in its types, as what it is', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'esplanade-types-'));
    try {
      const checkout = fileURLToPath(new URL('../..', import.meta.url));
      const sdk = JSON.stringify(join(checkout, 'packages/sdk/src/index.ts'));
      const lines = [
        `import type { Collections, Singletons } from ${sdk};`,
        heldTypes,
        ...records.map(([path, record], index) => typed(`record${index}`, path, record)),
        '// @ts-expect-error: another kind',
        typed('kind', '/security/ipsec/policies', { enabled: 'true' }),
        '// @ts-expect-error: no such field',
        typed('field', '/security/ipsec/security-associations', { ike: { colour: 'red' } }),
      ];
      await writeFile(join(directory, 'records.mts'), lines.join('\n'));
      const compilerOptions = { typeRoots: [join(checkout, 'node_modules/@types')] };
      const project = {
        extends: join(checkout, 'tsconfig.json'),
        compilerOptions,
        files: ['records.mts'],
        include: [],
      };
      await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(project));
      const compiler = join(checkout, 'node_modules/.bin/tsc');
      const { status, stdout } = await runCommand(compiler, ['-p', directory], { anyStatus: true });
      expect([status, stdout]).toEqual([0, '']);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

/** Types that ask no field to be there and no text to be one of a few, for values that only say what they stand for. */
const heldTypes = `
type Held<T> = T extends string ? string : T extends number ? number : T extends boolean ? boolean
  : T extends readonly (infer E)[] ? readonly Held<E>[] : { readonly [K in keyof T]?: Held<T[K]> };
type Of<P> = P extends keyof Collections ? Held<Collections[P]['record']>
  : P extends keyof Singletons ? Held<Singletons[P]['record']> : never;`;

/** A declaration that compiles when the record has nothing but what the type of its resource has, each of its kind. */
function typed(name: string, path: string, record: Example): string {
  const [resource = ''] = path.split('/{');
  const text = JSON.stringify(record, (member, value) => (member === '_links' ? undefined : value));
  return `export const ${name}: Of<${JSON.stringify(resource)}> = ${text};`;
}

/** A record with a value of its kind in every field. */
function recordOf(fields: readonly SeedFact[]): Example {
  const record: Record<string, unknown> = {};
  for (const { name, type } of fields) {
    if (type === 'object') continue;
    const names = name.split('.');
    const last = names.pop() ?? '';
    let inner = record;
    for (const outer of names) {
      inner[outer] ??= {};
      inner = inner[outer] as Record<string, unknown>;
    }
    inner[last] = type === 'integer' ? 7 : type === 'boolean' ? true : `of ${name}`;
  }
  return record;
}

/** A server that answers this, whatever it is asked, and what was asked and told as incomplete. */
function serving(answer: Example, status: number) {
  const hrefs: string[] = [];
  const incomplete: string[] = [];
  const api = connect({
    url: 'https://cluster1.example.com',
    transport: async ({ url }) => {
      hrefs.push(`${url.pathname}${url.search}`);
      return { status, header: () => undefined, text: JSON.stringify(answer) };
    },
    onIncomplete: ({ code }) => incomplete.push(code),
  });
  return { api, hrefs, incomplete };
}

type Example = { readonly [member: string]: unknown };

/**
 * The example a fact tells the form of: `records[{name,svm{name}}]`. Its values are those of the fact, or say of what they are:
 * but for `num_records`, the examples have texts only. Links are those of the pages, which lead nowhere.
 */
function exampleOf({ name, detail }: SeedFact): Example {
  const standIn = (member: string) => (member === 'href' ? '/api/resourcelink' : `of ${member}`);
  const json = `{${name}}`
    .replaceAll(/([A-Za-z_]\w*)(?=[,}\]])/g, (member) => {
      const value = member === 'num_records' ? 1 : (detail.get(member) ?? standIn(member));
      return `"${member}":${JSON.stringify(value)}`;
    })
    .replaceAll(/([A-Za-z_]\w*)(?=[[{])/g, '"$1":');
  return JSON.parse(json);
}
