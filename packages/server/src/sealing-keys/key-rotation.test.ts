import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { checkBackup } from '../backups/check-backup.ts';
import { makeBackup } from '../backups/make-backup.ts';
import { localCommands } from '../commands/index.ts';
import { parseServeConfig, type ServeConfig } from '../config.ts';
import { goodPolicy, startTestServer, type TestServer } from '../testing/test-server.ts';

const policies = '/api/security/ipsec/policies';
const patience = { timeout: 15_000, interval: 20 };

let server: TestServer;
let place: string;
beforeEach(async () => {
  server = await startTestServer();
  place = await mkdtemp(join(tmpdir(), 'esplanade-keys-'));
  expect((await server.request('POST', policies, goodPolicy)).status).toBe(201);
});
afterEach(async () => {
  await server.close();
  await rm(place, { recursive: true });
});

/** What `esplanade key` prints. */
const key = async (verb: string, ...options: readonly string[]): Promise<string> => {
  const command = await localCommands.find(({ words }) => words.join(' ') === `key ${verb}`)?.load();
  const printed: string[] = [];
  const print = (text: string): number => printed.push(text);
  await command?.run(
    { options: [`--data-dir=${server.directory}`, ...options] },
    { environment: {}, print, progress: async () => undefined },
  );
  return printed.join('\n');
};
const keyFile = (): string => join(server.directory, 'secrets.key');
const idsInFile = async (): Promise<readonly string[]> =>
  (await readFile(keyFile(), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(0, 8));
const config = (): ServeConfig =>
  parseServeConfig({ args: ['--data-dir', server.directory], environment: {} }).config;

/** Until nothing is sealed with the former keys. */
const untilSealed = (): Promise<void> =>
  vi.waitFor(async () => {
    expect((await key('status')).split('\n').slice(1).join()).not.toMatch(/values are/);
  }, patience);

it('a rotation needs no restart, and neither records, entity tags nor log entries of others notice it', async () => {
  const before = await server.request('GET', `${policies}?fields=*`);
  const uuid = before.body.records[0].uuid;
  const instance = await server.request('GET', `${policies}/${uuid}`);
  const [former] = await idsInFile();
  expect(await key('rotate')).toContain('begins with the new key');
  const [now, ...others] = await idsInFile();
  expect(others).toEqual([former]);
  await expect(key('retire')).rejects.toThrow(new RegExp(`nothing is retired: .*with key ${former}`));
  await server.keyRotation.reload();
  await untilSealed();
  const after = await server.request('GET', `${policies}?fields=*`);
  expect(after.body).toEqual(before.body);
  expect((await server.request('GET', `${policies}/${uuid}`)).headers['etag']).toBe(instance.headers['etag']);
  expect(await key('retire')).toContain(`${former} is out of`);
  await server.keyRotation.reload();
  expect(await idsInFile()).toEqual([now]);
  for (const name of ['store.db', 'store.db-wal'])
    expect((await readFile(join(server.directory, name))).includes(`v1.${former}`)).toBe(false);
  expect((await server.request('PATCH', `${policies}/${uuid}`, { name: 'renamed' })).status).toBe(200);
  const audited = await server.parts.desired.readAudit({ limit: 20, order: 'newest-first' });
  expect(audited.map(({ entry }) => entry).join('\n')).toContain(`key ${now} seals, and ${former} opens`);
});

it('a key file that lacks what is needed is not taken up, and says what to put back', async () => {
  await key('rotate');
  const both = await readFile(keyFile(), 'utf8');
  const [now, former] = await idsInFile();
  await writeFile(keyFile(), `${both.split('\n')[0]}\n`);
  await expect(server.keyRotation.reload()).rejects.toThrow(new RegExp(`lacks key ${former}`));
  await expect(key('rotate')).rejects.toThrow(/is not the key file of .*, or not all of it/);
  await writeFile(keyFile(), `${former} ${Buffer.alloc(32, 1).toString('base64')}\n`);
  await expect(server.keyRotation.reload()).rejects.toThrow(new RegExp(`other bytes for key ${former}`));
  await writeFile(keyFile(), 'rubbish');
  await expect(server.keyRotation.reload()).rejects.toThrow(/is not a key file/);
  expect((await server.request('POST', policies, { ...goodPolicy, name: 'smb' })).status).toBe(201);
  await writeFile(keyFile(), both);
  await server.keyRotation.reload();
  await untilSealed();
  // The one that seals stays, even if nothing were sealed with it yet.
  await writeFile(keyFile(), `${both.split('\n')[1]}\n`);
  await expect(server.keyRotation.reload()).rejects.toThrow(new RegExp(`lacks key ${now}`));
});

it('a backup from before a rotation needs the former key, and says so', async () => {
  const backup = join(place, 'backup');
  await makeBackup(config(), backup);
  const [former] = await idsInFile();
  await key('rotate');
  await server.keyRotation.reload();
  await untilSealed();
  expect(await checkBackup(config(), backup)).toContain('can be opened');
  await key('retire');
  await expect(checkBackup(config(), backup)).rejects.toThrow(
    new RegExp(`it was made with key ${former}, and key ${former} is not in there`),
  );
});

it('no command takes a key file whose keys have the ids of the data and other bytes', async () => {
  const [id] = await idsInFile();
  const other = join(place, 'other.key');
  await writeFile(other, `${id} ${Buffer.alloc(32, 1).toString('base64')}\n`, { mode: 0o600 });
  expect(await key('status', `--key-file=${other}`)).toMatch(new RegExp(`${id} +DOES NOT OPEN `));
  for (const verb of ['rotate', 'retire'])
    await expect(key(verb, '--key-file', other)).rejects.toThrow(
      new RegExp(`other\\.key is not the key file of .*: its key ${id} does not open `),
    );
  expect(await readFile(other, 'utf8')).toMatch(new RegExp(`^${id} .*\n$`));
});
