import { describe, expect, it } from 'vitest';
import { seedOf } from '../robustness/rounds.ts';
import { SeededRandom } from '../robustness/seeded-random.ts';
import { modelApi, modelPath } from './model-api.ts';
import { answerNaively, type NaiveRecord } from './naive-collection.ts';
import { randomQuery } from './random-queries.ts';
import { modelFields, randomRecords } from './random-records.ts';

const pairs = process.env['ESPLANADE_CAMPAIGN'] === 'full' ? 100_000 : 6_000;
describe('queries on collections', () => {
  const seed = seedOf();

  it(`give what a naive model gives, in ${pairs} pairs of records and query (seed ${seed})`, {
    timeout: pairs * 5 + 10_000,
  }, async () => {
    const random = new SeededRandom(seed);
    const shelf: { records: readonly NaiveRecord[] } = { records: [] };
    const api = modelApi(shelf);
    const ask = async (url: string) => {
      const response = await api.handle({
        method: 'GET',
        url,
        accept: 'application/json',
        body: new Uint8Array(),
        principal: { account: 'admin', role: 'admin' },
        signal: new AbortController().signal,
      });
      return { status: response.status, body: JSON.parse(response.body) };
    };
    /** All pages, or undefined when it was refused. */
    const walk = async (query: string): Promise<readonly string[] | undefined> => {
      const uuids: string[] = [];
      for (let url: string | undefined = `${modelPath}?${query}`; url !== undefined; ) {
        const { status, body } = await ask(url);
        if (status === 400) return undefined;
        if (status !== 200) throw new Error(`${url}: ${status}`);
        uuids.push(...body.records.map((record: NaiveRecord) => record.uuid));
        url = body._links?.next?.href;
      }
      return uuids;
    };

    const counts = new Map<string, number>();
    const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);
    for (let pair = 0; pair < pairs; pair += 1) {
      shelf.records = randomRecords(random);
      const { text, uses } = randomQuery(random);
      const pages = random.below(4) === 0 ? `&max_records=${1 + random.below(5)}` : '';
      const expected = answerNaively(shelf.records, modelFields, text);
      const actual = await walk(`${text}${pages}`);
      if (JSON.stringify(actual) !== JSON.stringify(expected))
        expect.fail(
          `pair ${pair}, seed ${seed}: ${decodeURIComponent(text)}${pages}\nproduct ${actual ?? 'refused'}\nmodel ${expected ?? 'refused'}\n${shelf.records.map((record) => JSON.stringify(record)).join('\n')}`,
        );
      for (const use of uses) count(use);
      const size = expected?.length ?? -1;
      const all = shelf.records.length;
      count(`answer: ${size < 0 ? 'refused' : size === 0 ? 'none' : size === all ? 'all' : 'some'}`);
    }
    const used = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([use, times]) => `${use} ${times}`);
    console.info(`query model: ${pairs} pairs, 0 differences; seed ${seed}\n  ${used.join('; ')}`);
    // A generator that lost something would find nothing there.
    expect(counts.size).toBeGreaterThanOrEqual(75);
    expect(Math.min(...counts.values())).toBeGreaterThan(0);
  });
});
