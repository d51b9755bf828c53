import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedOf } from '../robustness/rounds.ts';
import { Esplanade } from '../support/esplanade.ts';
import { fuzz } from './campaign.ts';
import { sadOfFuzzedServer } from './stage.ts';
import { reportText } from './tally.ts';

/** Far more than the server needs, and far less than it would take if it kept what it is sent. */
const mostMiB = 1_024;
/** Sent in a tenth of the time that there is, where nothing else runs. */
const leastExecutions = 10_000;
/**
 * A fraction of what the mutations usually meet with. What is refused at the door, or only read, shows nothing of what
 * comes after the first check, and of writing.
 */
const leastShares: readonly (readonly [status: number, share: number])[] = [
  [200, 0.1],
  [201, 0.001],
  [400, 0.2],
  [404, 0.05],
  [409, 0.001],
];
/** One request of two hundred is torn and counted as not answered. */
const mostWithoutAnswer = 0.05;

// What fails fails for a reason that another seed may hide: there is no second try.
describe('a server that is sent mutated requests', { retry: 0 }, () => {
  const seed = seedOf();
  console.info(`fuzz: seed ${seed}`);
  let directory: string;
  let server: Esplanade;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-fuzz-'));
    const sas = join(directory, 'sas.json');
    await writeFile(sas, sadOfFuzzedServer);
    server = await Esplanade.start({
      dataDirectory: join(directory, 'data'),
      flags: ['--datapath', 'simulated', '--simulator-seed', sas],
    });
  });

  afterAll(async () => {
    await server.stop();
    await rm(directory, { recursive: true });
  });

  it('answers each in the envelope, never fails and stays of its size', { timeout: 120_000 }, async () => {
    const report = await fuzz({
      server,
      dataDirectory: join(directory, 'data'),
      seed,
      connections: 16,
      limits: { executions: 12_000, seconds: 80, faults: 10 },
    });
    console.info(reportText(report, seed));
    expect(report.faults).toEqual([]);
    expect(report.executions).toBeGreaterThan(leastExecutions);
    for (const [status, share] of leastShares)
      expect(report.statuses.get(status) ?? 0, `${status}`).toBeGreaterThan(report.executions * share);
    expect(report.statuses.get(0) ?? 0).toBeLessThan(report.executions * mostWithoutAnswer);
    expect(report.residentMiB.most).toBeLessThan(mostMiB);
    expect((await server.call('GET', '/healthz')).status).toBe(200);
  });
});
