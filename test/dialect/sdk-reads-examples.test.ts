import { ApiError, connect } from '@esplanade/sdk';
import { describe, expect, it } from 'vitest';
import { readSeedFacts, type SeedFact } from './seed-facts.ts';

/** NetApp's examples of answers, whether we answer so or not: the client must read what a real ONTAP sends. */
const examples = readSeedFacts().filter(
  ({ kind }) => kind === 'example-response' || kind === 'example-error',
);
const named = (kind: SeedFact['kind']) =>
  examples
    .filter((fact) => fact.kind === kind)
    .map((fact) => [`${fact.seed}: ${fact.verb} ${fact.path}`, fact] as const);

describe('the SDK reads the example of an answer', () => {
  it.each(named('example-response'))('%s', async (_, fact) => {
    const answer = exampleOf(fact);
    const { api, hrefs } = serving(answer, fact.verb === 'GET' ? 200 : 201);
    const [collection = '', key] = fact.path.split(/\/\{[^}]+\}/);
    const records = [answer['records'] ?? []].flat();
    if (fact.verb === 'POST') {
      const created = api.collection(collection).create({});
      // Told with an error, it is one of several that were to be made, and not all were.
      if (answer['error'] === undefined) expect(await created).toEqual(records[0]);
      else await expect(created).rejects.toMatchObject({ code: 'of code', recordsDone: 1 });
    } else if (answer['num_records'] === undefined) {
      const read = key === undefined ? api.record(collection).get() : api.collection(collection).get('1');
      expect(await read).toEqual(answer);
    } else {
      const [first, ...more] = await Array.fromAsync(api.collection(collection).pages());
      expect(first?.records).toEqual(records);
      expect(first?.incomplete?.code).toEqual(answer['error'] === undefined ? undefined : 'of code');
      expect(more).toEqual([{ records: [] }]);
      expect(hrefs.at(-1)).toBe(`/api${collection}?of=href`);
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

/** A server that answers this first, and then a collection without records. */
function serving(first: Example, status: number) {
  const hrefs: string[] = [];
  const api = connect({
    url: 'https://cluster1.example.com',
    transport: async ({ url }) => {
      hrefs.push(`${url.pathname}${url.search}`);
      const body = hrefs.length === 1 ? first : { records: [] };
      return { status, header: () => undefined, text: JSON.stringify(body) };
    },
  });
  return { api, hrefs };
}

type Example = { readonly [member: string]: unknown };

/** The example a fact tells the form of: `records[{name,svm{name}}]`. Its values are those of the fact, or say of what they are. */
function exampleOf({ name, detail, path }: SeedFact): Example {
  const standIn = (member: string) => (member === 'href' ? `/api${path}?of=href` : `of ${member}`);
  const json = `{${name}}`
    .replaceAll(/([A-Za-z_]\w*)(?=[,}\]])/g, (member) => {
      const value = member === 'num_records' ? 1 : (detail.get(member) ?? standIn(member));
      return `"${member}":${JSON.stringify(value)}`;
    })
    .replaceAll(/([A-Za-z_]\w*)(?=[[{])/g, '"$1":');
  return JSON.parse(json);
}
