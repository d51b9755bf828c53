import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { AuditWitness } from './audit-witness.ts';
import { SmallDisk } from './small-disk.ts';
import { StorageStage } from './storage-stage.ts';

describe('a server whose disk', () => {
  let stage: StorageStage | undefined;

  const begin = async (kilobytes: number, inodes?: number): Promise<StorageStage> => {
    stage = await StorageStage.begin({ kilobytes, ...(inodes !== undefined && { inodes }) });
    return stage;
  };

  afterEach(async () => {
    await stage?.close();
    stage = undefined;
  });

  it('is full says so and reads on, and writes again as soon as there is room', async () => {
    const on = await begin(6_000);
    on.disk.fill();
    on.expectRefused((await on.createUntilRefused()).refusal, /disk of the data directory is full/);
    await on.expectOnlyToRead(/disk of the data directory is full/);
    const told = (sentence: RegExp) => () => on.server.log.some((line) => sentence.test(line));
    await eventually('the log says so', told(/ERROR +changes cannot be saved: the disk of .* is full/));
    await on.disk.free();
    await on.expectToWrite();
    await eventually('the log says that it is over', told(/INFO +changes can be saved again/));
    await eventually('the audit log says what it lacks', async () => {
      const path =
        '/api/security/audit/messages?return_records=false&message=*missing%20that%20could%20not%20be%20written*';
      const { body } = await on.client.call('GET', path);
      return JSON.stringify(body).includes('"num_records":1');
    });
    await on.server.kill();
    await new AuditWitness().look(on.data);
    await on.start();
    await on.expectWhole();
  });

  it('is filled by its own log loses nothing, starts while it is full, and goes on in a larger one', async () => {
    const on = await begin(3_000);
    const { created, refusal } = await on.createUntilRefused();
    on.expectRefused(refusal, /disk of the data directory is full/);
    await on.killAndStart();
    await on.expectWhole();
    // What a checkpoint gave back.
    on.disk.fill();
    await on.createUntilRefused();
    await on.killAndStart();
    await on.expectWhole();
    await on.disk.remount('size=9000k');
    for (let more = 0; more < 20; more += 1) await on.expectToWrite();
    await on.expectWhole();
    console.info(`full disk: ${created} policies in 3 MB, none lost; written again in 9 MB`);
  });

  it('is full already does not let it begin, and lets it begin once there is room', async () => {
    const on = new StorageStage(await SmallDisk.create({ kilobytes: 6_000 }));
    stage = on;
    on.disk.fill();
    await expect(on.start()).rejects.toThrow(/cannot open the data directory .*(full|no space left)/);
    await on.disk.free();
    await on.start();
    await on.expectToWrite();
  });

  it('has no inode left goes on, and starts once there is one again', async () => {
    const on = await begin(6_000, 60);
    on.disk.takeInodes();
    await on.expectToWrite();
    await on.server.stop();
    on.disk.takeInodes();
    await expect(on.start()).rejects.toThrow(/cannot open the data directory/);
    await on.disk.free();
    await on.start();
    await on.expectWhole();
    await on.expectToWrite();
  });
});
