import { expect } from 'vitest';
import type { Esplanade } from '../support/esplanade.ts';
import { eventually } from '../support/eventually.ts';
import type { Operator } from '../support/operator.ts';

/** How often each way is tried: some times with every test run, often in the campaign. */
export const driftRounds = process.env['ESPLANADE_CAMPAIGN'] === 'full' ? 50 : 3;
/** How long a difference may stand (the promise), in a place where many share two processors. */
export const driftPatience = { deadlineMilliseconds: 5_000, intervalMilliseconds: 20 };

/** Something that somebody else does to what is ours. */
export interface Way {
  readonly way: string;
  /** Names of the policies that it hits: they report it, and no other does. */
  readonly hits: readonly string[];
  /** What it is counted as in `esplanade_drift_total`. */
  readonly kind: 'missing' | 'stranger' | 'ended_sa' | 'implied_entry';
  readonly act: () => Promise<void>;
}

/** How a round is judged. */
export interface DriftCampaign {
  readonly server: Esplanade;
  readonly operator: Operator;
  readonly ways: readonly Way[];
  /** Everything there is, ours and others', in a form to compare. */
  readonly held: () => Promise<readonly string[]>;
}

interface Drifts {
  readonly records: readonly { readonly name: string; readonly last_drift?: string }[];
}

/**
 * Does each thing in each round, waits until it is reported and put right, in one deadline, and holds that nothing else
 * was reported. Prints and returns how long it took.
 */
export async function runDriftCampaign(campaign: DriftCampaign): Promise<void> {
  const { server, operator, ways, held } = campaign;
  const drifts = async (): Promise<ReadonlyMap<string, string | undefined>> => {
    const path = '/api/esplanade/v1/policies?fields=last_drift,name';
    const { records } = await operator.expect<Drifts>(200, 'GET', path);
    return new Map(records.map((row) => [row.name, row.last_drift]));
  };
  const times = new Map<string, number[]>(ways.map(({ way }) => [way, []]));
  for (let round = 0; round < driftRounds; round += 1) {
    for (const { way, hits, kind, act } of ways) {
      const whole = await held();
      const before = await drifts();
      const counted = await driftTotal(server, kind);
      const sinceMs = performance.now();
      await act();
      let last: readonly string[] = [];
      const isReported = async (): Promise<boolean> => {
        const now = await drifts();
        return (
          (await driftTotal(server, kind)) > counted &&
          hits.every((name) => now.get(name) !== before.get(name))
        );
      };
      const isWhole = async (): Promise<boolean> => {
        last = await held();
        return JSON.stringify(last) === JSON.stringify(whole);
      };
      await eventually(
        `${way} is reported and put right`,
        async () => (await isReported()) && (await isWhole()),
        driftPatience,
      ).catch((error: unknown) => {
        if (last.length > 0) expect(last, String(error)).toEqual(whole);
        throw error;
      });
      const healedMs = performance.now() - sinceMs;
      // The promise counts from before the deed, however long that took by itself.
      expect(healedMs, `${way}: milliseconds`).toBeLessThanOrEqual(driftPatience.deadlineMilliseconds);
      times.get(way)?.push(healedMs);
      const after = await drifts();
      for (const [name, when] of before)
        if (!hits.includes(name)) expect(after.get(name), `${way}: ${name}`).toBe(when);
      await eventually(
        'every policy is applied again',
        async () => (await operator.statuses()).every(({ state }) => state === 'applied'),
        driftPatience,
      );
    }
  }
  for (const [way, each] of times) console.info(`${way}: ${summary(each)}`);
  console.info(`all: ${summary([...times.values()].flat())}`);
}

function summary(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b).map(Math.round);
  return `${sorted.length} times put right after ${sorted[sorted.length >> 1]} ms (median), ${sorted.at(-1)} ms at most`;
}

/** How often drift of a kind was counted. */
export async function driftTotal(server: Esplanade, kind: string): Promise<number> {
  return await metric(server, `esplanade_drift_total{ipspace="Default",kind="${kind}"}`);
}

/** A sample of `/metrics` by its name and labels. */
export async function metric(server: Esplanade, name: string): Promise<number> {
  const lines = String((await server.call('GET', '/metrics')).body).split('\n');
  const value = lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
  if (value === undefined) throw new Error(`no such metric: ${name}`);
  return Number(value);
}
