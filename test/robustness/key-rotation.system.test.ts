import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { Esplanade, launcher } from '../support/esplanade.ts';
import { eventually } from '../support/eventually.ts';
import { isFullCampaign, roundsOf, seedOf } from './rounds.ts';
import { SeededRandom } from './seeded-random.ts';

const rounds = roundsOf({ share: 2, full: 100 });
/** Of more than one commit that seals anew; in the full campaign many, so that kills fall between them. */
const policyCount = isFullCampaign() ? 1_200 : 120;
const seed = seedOf();
const policies = '/api/security/ipsec/policies';

interface PolicyRecord {
  readonly uuid: string;
  readonly name: string;
}

describe('the server, killed while its sealing keys are rotated', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-rotation-'));
  });

  afterEach(async () => rm(directory, { recursive: true }));

  const command = async (...args: readonly string[]): Promise<string> =>
    (await runCommand(launcher, [...args, '--data-dir', directory])).stdout;
  const keyIds = async (): Promise<readonly string[]> =>
    (await readFile(join(directory, 'secrets.key'), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(0, 8));
  const start = () => Esplanade.start({ dataDirectory: directory, flags: ['--datapath', 'simulated'] });

  it(`loses no value and no write in ${rounds} rounds, and has no trace of a retired key in the end`, {
    timeout: 120_000 + rounds * 20_000,
  }, async () => {
    const random = new SeededRandom(seed);
    let server = await start();
    const names = new Map<string, string>();
    const create = async (index: number): Promise<void> => {
      const { status, body } = await server.call('POST', `${policies}?return_records=true`, policyOf(index));
      expect(status).toBe(201);
      for (const { uuid, name } of recordsOf(body)) names.set(uuid, name);
    };
    for (let index = 0; index < policyCount; index += 20)
      await Promise.all(Array.from({ length: 20 }, (_, offset) => create(index + offset)));
    let cutOff = 0;
    let acknowledged = 0;
    for (let round = 0; round < rounds; round += 1) {
      await command('key', 'rotate');
      process.kill(server.pid, 'SIGHUP');
      const killing = new AbortController();
      const writer = renameUntil(killing.signal, server, names, random);
      const isAimed = random.below(2) === 1;
      if (isAimed)
        await eventually('it has begun', () => hasLogged(server, 'documents anew'), {
          intervalMilliseconds: 1,
        });
      await delay(random.below(isAimed ? 20 : 80));
      killing.abort();
      await server.kill();
      if (hasLogged(server, 'documents anew') && !hasLogged(server, 'everything is sealed')) cutOff += 1;
      const { renamed, unanswered } = await writer;
      acknowledged += renamed;
      server = await start();
      for (const { uuid, name } of recordsOf((await server.call('GET', policies)).body))
        if (uuid === unanswered?.uuid && name === unanswered.name) names.set(uuid, name);
        else expect(name).toBe(names.get(uuid));
    }
    const [first = '', ...former] = await keyIds();
    expect(former.length).toBe(rounds);
    await eventually('nothing is sealed with a former key', async () => {
      const [, ...others] = (await command('key', 'status')).split('\n');
      return others.every((line) => !/values are sealed/.test(line));
    });
    await command('key', 'retire');
    process.kill(server.pid, 'SIGHUP');
    expect(await keyIds()).toEqual([first]);
    await command('audit', 'verify');
    await server.stop();
    const files = (await readdir(directory)).filter((name) => name.startsWith('store.db'));
    for (const name of files) {
      const bytes = await readFile(join(directory, name));
      expect(former.filter((id) => bytes.includes(`v1.${id}.`))).toEqual([]);
    }
    server = await start();
    const kept = recordsOf((await server.call('GET', policies)).body);
    expect(new Map(kept.map(({ uuid, name }) => [uuid, name]))).toEqual(names);
    await server.stop();
    console.info(
      `key rotation: ${rounds} SIGKILLs in ${rounds} rotations of ${policyCount} keys, ${cutOff} in the midst of sealing anew, ${acknowledged} acknowledged writes meanwhile, none lost; ${former.length} keys retired without a trace; seed ${seed}`,
    );
  });
});

/** Renames one policy after another until the server is killed; the last one may have been written all the same. */
async function renameUntil(
  killing: AbortSignal,
  server: Esplanade,
  names: Map<string, string>,
  random: SeededRandom,
): Promise<{ renamed: number; unanswered?: PolicyRecord }> {
  const uuids = [...names.keys()];
  for (let renamed = 0; ; renamed += 1) {
    const uuid = random.pick(uuids);
    const name = `${uuid.slice(0, 8)}-${random.below(2 ** 31)}`;
    try {
      const { status } = await server.call('PATCH', `${policies}/${uuid}`, { name });
      expect(status).toBe(200);
      names.set(uuid, name);
    } catch (error) {
      if (!killing.aborted) throw error;
      return { renamed, unanswered: { uuid, name } };
    }
  }
}

function hasLogged({ log }: Esplanade, text: string): boolean {
  return log.some((line) => line.includes(text));
}

function policyOf(index: number) {
  return {
    name: `policy-${index}`,
    secret_key: `the long key of policy ${index}`,
    local_endpoint: { address: '192.0.2.1', netmask: '32' },
    remote_endpoint: { address: `10.1.${index >> 8}.${index & 255}`, netmask: '32' },
  };
}

function recordsOf(body: unknown): readonly PolicyRecord[] {
  return (body as { readonly records: readonly PolicyRecord[] }).records;
}
