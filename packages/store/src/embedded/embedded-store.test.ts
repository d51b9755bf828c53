import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeStoreConformance } from '../conformance.ts';
import { openEmbeddedStore } from './embedded-store.ts';

describeStoreConformance('the embedded engine', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'esplanade-store-'));
  const store = await openEmbeddedStore({ directory, historyChanges: 1_000 });
  return {
    store,
    changesUntilCompaction: 2_000,
    dispose: async () => {
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
});
