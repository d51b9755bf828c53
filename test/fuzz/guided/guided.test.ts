import { afterAll, describe, expect, it } from 'vitest';
import { seedOf } from '../../robustness/rounds.ts';
import { families, type TargetFamily } from '../targets/index.ts';
import { corpusOf } from './corpus.ts';
import { guidedText, tryTarget } from './guided-campaign.ts';

const isFull = process.env['ESPLANADE_CAMPAIGN'] === 'full';
/** As many inputs as any machine reads in its share of the time, on top of those that are kept. */
const mutated = 20;
const limits = isFull
  ? { executions: 1_000_000, seconds: 120, mutated }
  : { executions: 3_000, seconds: 0.5, mutated };

const names: Readonly<Record<string, readonly string[]>> = {
  vici: ['vici-message', 'vici-packet', 'vici-events', 'vici-stream'],
  text: ['name', 'policy-text'],
  query: ['query', 'page-token'],
  pki: ['certificate', 'private-key', 'revocation-list', 'pem'],
  body: ['json-body', 'account-body', 'signing-request'],
};

describe('a reader of what comes from outside', () => {
  const seed = seedOf();

  it('is tried in every family, the edge of a process of its own elsewhere', () => {
    expect([...Object.keys(names), 'edge']).toEqual(Object.keys(families));
  });

  describe.each(Object.entries(names))('%s', (name, targets) => {
    let started: Promise<TargetFamily> | undefined;
    const family = (): Promise<TargetFamily> => {
      started ??= families[name]?.() ?? Promise.reject(new Error(`no family ${name}`));
      return started;
    };
    afterAll(async () => (await started)?.close());

    it.each(targets)(
      '%s takes or refuses all that is kept and mutated, in its time',
      {
        timeout: limits.seconds * 10_000 + 60_000,
        retry: 0,
      },
      async (targetName) => {
        const { targets: found } = await family();
        expect(found.map((each) => each.name)).toEqual(targets);
        const target = found.find((each) => each.name === targetName);
        if (target === undefined) throw new Error(`no target ${targetName}`);
        const report = await tryTarget(target, { seed, limits });
        console.info(guidedText(report, seed));
        expect(report.faults.map(({ why }) => why)).toEqual([]);
        const kept = corpusOf(targetName).length;
        expect(kept).toBeGreaterThan(0);
        expect(report.executions).toBeGreaterThanOrEqual(kept + target.seeds.length + mutated);
        // What is only ever refused at the door shows nothing of what is behind it.
        expect(report.outcomes.size).toBeGreaterThan(1);
      },
    );
  });
});
