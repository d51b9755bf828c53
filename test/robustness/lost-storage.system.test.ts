import { readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { HttpsClient } from '../support/https-client.ts';
import { StorageStage } from './storage-stage.ts';
import { watchCalls } from './watched-calls.ts';

describe('a server', () => {
  let stage: StorageStage | undefined;

  const begin = async (): Promise<StorageStage> => {
    stage = await StorageStage.begin({ kilobytes: 8_000 });
    return stage;
  };

  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  });

  it('whose data directory is moved away acknowledges nothing that would be lost, and goes on when it is back', async () => {
    const on = await begin();
    const away = `${on.data}.away`;
    renameSync(on.data, away);
    await on.expectOnlyToRead(/the database was moved or deleted/);
    expect((await on.client.call('GET', '/readyz')).status).toBe(503);
    renameSync(away, on.data);
    await on.expectToWrite();
    await eventually('it is ready', async () => (await on.client.call('GET', '/readyz')).status === 200);
    // SQLite itself would go on writing to it, and acknowledge.
    rmSync(join(on.data, 'store.db-wal'));
    await on.expectOnlyToRead(/the database was moved or deleted/);
  });

  it('whose file system becomes read-only, or fails, says so, reads on, and goes on after it', async () => {
    const on = await begin();
    const outages = [
      {
        calls: 'pwrite64,ftruncate,access',
        fate: 'error=EROFS',
        why: /file system of the data directory can only be read/,
      },
      {
        calls: 'pwrite64',
        fate: 'error=EIO',
        why: /disk or the file system of the data directory fails \(disk I\/O error\)/,
      },
      {
        calls: 'fdatasync,fsync',
        fate: 'error=EIO',
        why: /disk or the file system of the data directory fails/,
      },
    ] as const;
    for (const { why, ...failing } of outages) {
      const outage = await watchCalls(on, failing);
      await on.expectOnlyToRead(why);
      await outage.end('SIGINT');
      await on.expectToWrite();
    }
    await on.killAndStart();
    await on.expectWhole();
  });

  it('does not start on a read-only file system, with a sentence, and starts when it can be written', async () => {
    const on = await begin();
    await on.server.stop();
    await on.disk.remount('ro');
    await expect(on.start()).rejects.toThrow(
      /cannot open the data directory .*: EROFS: read-only file system/,
    );
    await on.disk.remount('rw');
    await on.start();
    await on.expectWhole();
    await on.expectToWrite();
  });

  it('that is out of file descriptors serves who is connected, and new clients when there are some again', async () => {
    const on = await begin();
    const limit = async (count: number): Promise<void> => {
      await runCommand('prlimit', ['--pid', String(on.server.pid), `--nofile=${count}:`]);
    };
    await limit(readdirSync(`/proc/${on.server.pid}/fd`).length);
    const late = new HttpsClient(on.server.url, on.data);
    // It waits until there is a descriptor, or its connection is closed.
    const waiting = Promise.allSettled([late.call('GET', '/api/cluster')]);
    await on.expectToWrite();
    await on.expectWhole();
    expect((await on.client.call('GET', '/readyz')).status).toBe(503);
    expect((await on.client.call('GET', '/api/security/audit/messages')).status).toBe(503);
    await limit(1_024);
    await waiting;
    expect((await late.call('GET', '/api/cluster')).status).toBe(200);
    await on.expectToWrite();
    late.close();
  });
});
