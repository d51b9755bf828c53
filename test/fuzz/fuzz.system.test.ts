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

describe('a server that is sent mutated requests', () => {
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
    const seed = seedOf();
    const report = await fuzz({
      server,
      dataDirectory: join(directory, 'data'),
      seed,
      connections: 16,
      limits: { executions: 30_000, seconds: 15, faults: 10 },
    });
    console.info(reportText(report, seed));
    expect(report.faults).toEqual([]);
    expect(report.executions).toBeGreaterThan(500);
    expect(report.statuses.get(200)).toBeGreaterThan(50);
    expect(report.residentMiB.most).toBeLessThan(mostMiB);
    expect((await server.call('GET', '/healthz')).status).toBe(200);
  });
});
