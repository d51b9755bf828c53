import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assemble } from '../assemble.ts';
import { parseServeConfig, type ServeConfig } from '../config.ts';
import { checkDatabase, openOfflineData } from '../engines.ts';
import { goodPolicy, startTestServer, type TestServer } from '../testing/test-server.ts';
import { BackupError } from './backup-error.ts';
import { checkBackup } from './check-backup.ts';
import { makeBackup } from './make-backup.ts';
import { noteRestoration, tellRestoration } from './restoration-note.ts';
import { restoreBackup } from './restore-backup.ts';

const policies = '/api/security/ipsec/policies';

let server: TestServer;
let place: string;
beforeEach(async () => {
  server = await startTestServer();
  place = await mkdtemp(join(tmpdir(), 'esplanade-backups-'));
  expect((await server.request('POST', policies, goodPolicy)).status).toBe(201);
});
afterEach(async () => {
  await server.close();
  await rm(place, { recursive: true });
});

const backupPath = (): string => join(place, 'backup');

function configOf(directory: string, keyFile?: string): ServeConfig {
  const args = ['--data-dir', directory, ...(keyFile === undefined ? [] : ['--key-file', keyFile])];
  return parseServeConfig({ args, environment: {} }).config;
}

/** A data directory that has nothing but the key file of the server. */
async function directoryWithKeys(name: string): Promise<string> {
  const directory = join(place, name);
  await mkdir(directory, { mode: 0o700 });
  await copyFile(join(server.directory, 'secrets.key'), join(directory, 'secrets.key'));
  return directory;
}

describe('a backup', () => {
  it('leaves nothing behind when the process is told to exit meanwhile', async () => {
    const before = process.listeners('exit');
    const left: string[][] = [];
    const exits = async (): Promise<void> => {
      // As `process.exit` has it, for what is under way here alone.
      for (const listener of process.listeners('exit'))
        if (!before.includes(listener)) Reflect.apply(listener, process, [130]);
      left.push(await readdir(place));
    };
    await expect(makeBackup(configOf(server.directory), backupPath(), exits)).rejects.toThrow();
    expect(left).toEqual([[]]);
    expect(process.listeners('exit')).toEqual(before);
  });

  it('of a running server holds all that there is, and is restored to the same', async () => {
    const told = await makeBackup(configOf(server.directory), backupPath());
    const desired = server.parts.desired.snapshot();
    expect(told).toContain(`revision ${desired.revision}`);
    const keyFile = await readFile(join(server.directory, 'secrets.key'), 'utf8');
    const [id = ''] = keyFile.split(' ');
    expect(told).toContain(`key ${id}`);
    expect(told).toContain('Its audit log is whole');
    expect((await stat(backupPath())).mode & 0o777).toBe(0o600);
    expect(await readdir(place)).toEqual(['backup']);

    const directory = await directoryWithKeys('restored');
    expect(await restoreBackup(configOf(directory), backupPath())).toContain('opens all of it');
    expect((await readdir(directory)).sort()).toEqual(['lock', 'restored-backup', 'secrets.key', 'store.db']);
    const restored = await openOfflineData(configOf(directory));
    const { revision, ...rest } = restored.desired.snapshot();
    const { revision: former, ...formerRest } = desired;
    expect(rest).toEqual(formerRest);
    // No version of what was changed after the backup comes again, not even after another restoration of it.
    expect(revision).toBeGreaterThanOrEqual(former + 2 ** 20);
    const again = await directoryWithKeys('again');
    await restoreBackup(configOf(again), backupPath());
    expect(checkDatabase(join(again, 'store.db')).revision).not.toBe(revision);
    await restored.close();
  });

  it('says what key ids it needs, and has neither the key nor what it opens', async () => {
    await makeBackup(configOf(server.directory), backupPath());
    const bytes = await readFile(backupPath());
    const [id = '', key = ''] = (await readFile(join(server.directory, 'secrets.key'), 'utf8'))
      .trim()
      .split(' ');
    const manifest = JSON.parse(bytes.toString('latin1').split('\n')[1] ?? '');
    expect(manifest).toMatchObject({ keyIds: [id], schemaVersion: 2, version: expect.any(String) });
    for (const secret of [key, goodPolicy.secret_key])
      for (const form of [
        secret,
        Buffer.from(secret).toString('base64'),
        Buffer.from(secret).toString('hex'),
      ])
        expect(bytes.includes(form)).toBe(false);
    expect(bytes.includes(Buffer.from(key, 'base64'))).toBe(false);
  });

  it('is known to be damaged wherever a bit of it is another, or the end is missing', async () => {
    await makeBackup(configOf(server.directory), backupPath());
    const good = await readFile(backupPath());
    expect(await checkBackup(configOf(server.directory), backupPath())).toContain('can be opened');
    const spots = [3, 25, 60, 150, 400, 600, 3_000, good.length >> 1, good.length - 1];
    const damaged = join(place, 'damaged');
    for (const spot of spots) {
      const bytes = Buffer.from(good);
      bytes.writeUInt8((bytes.at(spot) ?? 0) ^ 4, spot);
      await writeFile(damaged, bytes);
      await expect(checkBackup(configOf(place), damaged), `at ${spot}`).rejects.toThrow(
        /damaged|no backup|has the form/,
      );
    }
    for (const end of [0, 10, 200, good.length - 4096, good.length - 1]) {
      await writeFile(damaged, good.subarray(0, end));
      await expect(restoreBackup(configOf(join(place, 'to')), damaged), `to ${end}`).rejects.toThrow(
        /damaged|no backup|not whole/,
      );
    }
    expect(existsSync(join(place, 'to'))).toBe(false);
  });

  it('of somebody else that says of itself what none of ours says is none, and nothing of that is shown', async () => {
    await makeBackup(configOf(server.directory), backupPath());
    const bytes = await readFile(backupPath());
    const [head = '', manifestText = '', seal = ''] = bytes.toString('latin1').split('\n', 3);
    const database = bytes.subarray(head.length + manifestText.length + seal.length + 3);
    const manifest = JSON.parse(manifestText);
    const evil = '\u001b[2Kkey\u202e';
    const given: readonly (readonly [string, string])[] = [
      ['esplanade-backup-1', JSON.stringify({ ...manifest, keyIds: [evil] })],
      ['esplanade-backup-1', JSON.stringify({ ...manifest, keyIds: [] })],
      ['esplanade-backup-1', JSON.stringify({ ...manifest, version: evil })],
      ['esplanade-backup-1', JSON.stringify({ ...manifest, madeAt: evil })],
      ['esplanade-backup-1', JSON.stringify({ ...manifest, revision: -1 })],
      ['esplanade-backup-1', evil],
      [`esplanade-backup-${evil}`, manifestText],
    ];
    const foreign = join(place, 'foreign');
    for (const [form, text] of given) {
      const described = Buffer.from(`${text}\n${seal}\n`, 'latin1');
      const checksum = createHash('sha256').update(described).digest('hex');
      await writeFile(
        foreign,
        Buffer.concat([Buffer.from(`${form} ${checksum}\n`, 'latin1'), described, database]),
      );
      const refused = await checkBackup(configOf(place), foreign).catch((error: unknown) => error);
      expect(refused, text).toBeInstanceOf(BackupError);
      expect(inspect(refused)).toMatch(/is no backup of Esplanade/);
      expect(inspect(refused)).not.toContain('[2Kkey');
    }
  });

  it('of a server whose audit log somebody has altered is made, and says so each time', async () => {
    const database = new DatabaseSync(join(server.directory, 'store.db'));
    database.exec("UPDATE log_entries SET entry = replace(entry, 'POST', 'GET')");
    database.close();
    const broken = /AUDIT LOG IS BROKEN at entry \d/;
    expect(await makeBackup(configOf(server.directory), backupPath())).toMatch(broken);
    await expect(checkBackup(configOf(server.directory), backupPath())).rejects.toThrow(broken);
    const directory = await directoryWithKeys('restored');
    expect(await restoreBackup(configOf(directory), backupPath())).toMatch(broken);
  });

  it('is refused where something is already, without a key file, and where no server ever was', async () => {
    await writeFile(backupPath(), 'somebody needs this');
    await expect(makeBackup(configOf(server.directory), backupPath())).rejects.toThrow(/is there already/);
    expect(await readFile(backupPath(), 'utf8')).toBe('somebody needs this');
    const to = join(place, 'other');
    await expect(makeBackup(configOf(server.directory, join(place, 'none')), to)).rejects.toThrow(
      /there is no key file .*none/,
    );
    await expect(makeBackup(configOf(place, join(server.directory, 'secrets.key')), to)).rejects.toThrow(
      /there is no Esplanade data in/,
    );
    await expect(makeBackup(configOf(server.directory), join(place, 'no', 'such'))).rejects.toThrow(
      /cannot write/,
    );
    expect(await readdir(place)).toEqual(['backup']);
  });
});

describe('restoring a backup', () => {
  it('is in the audit log once, from the first start on', async () => {
    await makeBackup(configOf(server.directory), backupPath());
    const directory = await directoryWithKeys('restored');
    await restoreBackup(configOf(directory), backupPath());
    const told: string[] = [];
    for (const _ of ['first start', 'second start'])
      await tellRestoration(directory, async (sentence) => void told.push(sentence));
    expect(told).toEqual([expect.stringMatching(/^restored from a backup made at 2\d{3}-/)]);

    await noteRestoration(directory, '2026-11-22T01:00:00.000Z');
    const { config } = parseServeConfig({
      args: ['--data-dir', directory, '--datapath', 'simulated'],
      environment: {},
    });
    const assembly = await assemble(config, () => undefined);
    const entries = await assembly.parts.desired.readAudit({ limit: 3, order: 'newest-first' });
    await assembly.app.close();
    await assembly.close();
    expect(entries.map(({ entry }) => entry).join()).toContain(
      '"input":"restored from a backup made at 2026-11-22T01:00:00.000Z"',
    );
    expect(await readdir(directory)).not.toContain('restored-backup');
  });

  it('without the key file says which keys are needed, where', async () => {
    await makeBackup(configOf(server.directory), backupPath());
    const directory = join(place, 'restored');
    const told = await restoreBackup(configOf(directory), backupPath());
    const [id = ''] = (await readFile(join(server.directory, 'secrets.key'), 'utf8')).split(' ');
    expect(told).toContain(`put a key file with key ${id} at ${join(directory, 'secrets.key')}`);
    await expect(openOfflineData(configOf(directory))).rejects.toThrow(/secrets\.key is missing/);
    expect(await checkBackup(configOf(place), backupPath())).toContain('is not known: there is no key file');
  });

  it('with another key file is refused and leaves the directory as it was', async () => {
    await makeBackup(configOf(server.directory), backupPath());
    const directory = await directoryWithKeys('restored');
    const keyFile = join(directory, 'secrets.key');
    const own = await readFile(keyFile, 'utf8');
    await writeFile(keyFile, `0badc0de ${Buffer.alloc(32, 1).toString('base64')}\n`);
    await expect(restoreBackup(configOf(directory), backupPath())).rejects.toThrow(
      new RegExp(`is of no use with .*it was made with key ${own.slice(0, 8)}`),
    );
    // The same id, other bytes: somebody made this backup up, or the key file.
    await writeFile(keyFile, `${own.slice(0, 8)} ${Buffer.alloc(32, 1).toString('base64')}\n`);
    await expect(restoreBackup(configOf(directory), backupPath())).rejects.toThrow(/do not trust/);
    expect(await readdir(directory)).toEqual(['secrets.key']);
    await writeFile(keyFile, own);
    await restoreBackup(configOf(directory), backupPath());
  });

  it('never touches a directory that holds anything', async () => {
    await makeBackup(configOf(server.directory), backupPath());
    await expect(restoreBackup(configOf(server.directory), backupPath())).rejects.toThrow(/is not empty/);
    const directory = await directoryWithKeys('other');
    await writeFile(join(directory, 'notes'), 'of somebody');
    await expect(restoreBackup(configOf(directory), backupPath())).rejects.toThrow(/it holds notes/);
    expect((await readdir(directory)).sort()).toEqual(['notes', 'secrets.key']);
  });
});
