import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { Esplanade, launcher } from '../support/esplanade.ts';
import { eventually } from '../support/eventually.ts';
import { roundsOf } from './rounds.ts';

const backups = roundsOf({ share: 1, full: 10 });
const writers = 4;
const policies = '/api/security/ipsec/policies';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'esplanade-backup-'));
});
afterEach(async () => rm(directory, { recursive: true }));

const command = async (...args: readonly string[]): Promise<string> =>
  (await runCommand(launcher, args, { timeoutMilliseconds: 60_000 })).stdout;
const start = (dataDirectory: string) =>
  Esplanade.start({ dataDirectory, flags: ['--datapath', 'simulated'] });

it(`${backups} backups under load each hold all that was acknowledged before, and become servers`, {
  timeout: 120_000 + backups * 20_000,
}, async () => {
  const data = join(directory, 'data');
  const server = await start(data);
  const acknowledged = new Set<string>();
  const writing = new AbortController();
  const write = async (writer: number): Promise<void> => {
    for (let round = 0; !writing.signal.aborted; round += 1) {
      const name = `policy-${writer}-${round}`;
      const { status } = await server.call('POST', policies, policyOf(name, writer, round));
      expect(status).toBe(201);
      acknowledged.add(name);
    }
  };
  const load = Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  const expected: (readonly string[])[] = [];
  for (let index = 0; index < backups; index += 1) {
    await eventually(
      'there is more than before',
      () => acknowledged.size > (expected.at(-1)?.length ?? 0) + 30,
    );
    expected.push([...acknowledged]);
    await command('backup', join(directory, `backup-${index}`), '--data-dir', data);
  }
  const during = acknowledged.size - (expected.at(-1)?.length ?? 0);
  writing.abort();
  await load;
  await server.stop();
  for (const [index, names] of expected.entries()) {
    const restored = join(directory, `restored-${index}`);
    await mkdir(restored, { mode: 0o700 });
    await copyFile(join(data, 'secrets.key'), join(restored, 'secrets.key'));
    await command('restore', join(directory, `backup-${index}`), '--data-dir', restored);
    const again = await start(restored);
    const { body } = await again.call('GET', policies);
    const found = new Set((body as { records: readonly { name: string }[] }).records.map(({ name }) => name));
    expect(names.filter((name) => !found.has(name))).toEqual([]);
    expect(await command('audit', 'verify', '--data-dir', restored)).toContain('The audit log is whole');
    await again.stop();
  }
  console.info(
    `backup: ${backups} backups while ${writers} writers wrote, ${during} acknowledged writes during the last; all ${expected.at(-1)?.length} from before it restored, every audit log whole`,
  );
  expect(during).toBeGreaterThan(0);
});

function policyOf(name: string, writer: number, round: number) {
  return {
    name,
    secret_key: `the long key of ${name}`,
    local_endpoint: { address: '192.0.2.1', netmask: '32' },
    remote_endpoint: { address: `10.${writer}.${round >> 8}.${round & 255}`, netmask: '32' },
  };
}
