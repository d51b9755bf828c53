import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Esplanade } from '../support/esplanade.ts';
import { AuditWitness } from './audit-witness.ts';
import { runCampaign } from './crash-campaign.ts';
import { roundsOf, seedOf } from './rounds.ts';

const rounds = roundsOf({ share: 10, full: 500 });
const seed = seedOf();

describe('the server, killed while eight writers write', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-durability-'));
  });

  afterAll(async () => rm(directory, { recursive: true }));

  it(`keeps every acknowledged write, and of the others all or nothing, in ${rounds} rounds`, {
    timeout: rounds * 20_000,
  }, async () => {
    const start = async () =>
      await Esplanade.start({ dataDirectory: directory, flags: ['--datapath', 'simulated'] });
    const witness = new AuditWitness();
    let entries = 0;
    const { acknowledged, kept, absent, policies, faults } = await runCampaign({
      rounds,
      writers: 8,
      seed,
      dataDirectory: directory,
      start,
      afterKill: async () => {
        entries = await witness.look(directory);
      },
    });
    console.info(
      `durability: ${rounds} SIGKILLs, ${acknowledged} acknowledged writes, ${faults.length} faults, audit log whole each time (${entries} entries); ${kept + absent} unanswered: ${kept} wholly there, ${absent} not at all; ${policies} policies at the end; seed ${seed}`,
    );
    expect(faults).toEqual([]);
    expect(entries).toBeGreaterThanOrEqual(acknowledged + kept);
    expect(acknowledged).toBeGreaterThanOrEqual(rounds * 40);
    expect(kept + absent).toBeGreaterThan(0);
  });
});
