import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Store, UnavailableError, type Write } from '@esplanade/store';
import { openEmbeddedStore } from '@esplanade/store/embedded';
import { expect, it, onTestFinished } from 'vitest';
import { readExposition } from '../testing/exposition-families.ts';
import { MeteredStore } from './metered-store.ts';

/** A real store, whose disk can be full. */
async function storeOnDisk() {
  const directory = await mkdtemp(join(tmpdir(), 'esplanade-metered-'));
  const store = await openEmbeddedStore({ directory });
  const disk = { isFull: false };
  const full: Store = {
    list: (prefix, signal) => store.list(prefix, signal),
    watch: (prefix, after, signal) => store.watch(prefix, after, signal),
    readLog: (log, range) => store.readLog(log, range),
    logHead: (log) => store.logHead(log),
    close: () => store.close(),
    commit: async (writes, signal) => {
      if (disk.isFull) throw new UnavailableError('the disk is full');
      return store.commit(writes, signal);
    },
  };
  const metered = new MeteredStore(full);
  onTestFinished(async () => {
    await metered.close();
    await rm(directory, { recursive: true });
  });
  return { metered, disk };
}

const put: readonly Write[] = [{ kind: 'put', key: 'a', value: '1', expect: { kind: 'absent' } }];
const check: readonly Write[] = [{ kind: 'check', key: 'a', expect: { kind: 'any' } }];

it('counts commits by what became of them, and tells why none can be saved until one can', async () => {
  const { metered, disk } = await storeOnDisk();
  await metered.commit(put);
  await expect(metered.commit(put)).rejects.toThrow();
  expect(metered.trouble).toBeUndefined();
  disk.isFull = true;
  await expect(metered.commit(check)).rejects.toThrow(UnavailableError);
  expect(metered.trouble).toBe('the disk is full');
  const valuesOf = (name: string) =>
    readExposition(metered.families())
      .get(name)
      ?.series.map(({ labels, value }) => [labels.get('result'), value]);
  expect(valuesOf('esplanade_commits_total')).toEqual([
    ['committed', 1],
    ['conflict', 1],
    ['failed', 1],
  ]);
  expect(valuesOf('esplanade_store_writable')).toEqual([[undefined, 0]]);
  disk.isFull = false;
  await metered.commit(check);
  expect(metered.trouble).toBeUndefined();
  expect(valuesOf('esplanade_store_writable')).toEqual([[undefined, 1]]);
  expect((await metered.list('a')).documents).toHaveLength(1);
});
