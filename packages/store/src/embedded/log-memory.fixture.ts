import { parentPort, workerData } from 'node:worker_threads';
import { verifyLog } from '../verify-log.ts';
import { openEmbeddedStore } from './embedded-store.ts';

/** Run as a thread with little memory: writes a log of `entries` entries of `bytes` each, verifies it, and tells the verdict. */
const { directory, entries, bytes }: { directory: string; entries: number; bytes: number } = workerData;
const linkKey = new Uint8Array(32);
const store = await openEmbeddedStore({ directory });
for (let written = 0; written < entries; written += 100) {
  await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      store.commit([
        {
          kind: 'append',
          log: 'log',
          entry: `${written + index} `.padEnd(bytes, '.'),
          linkKey,
          ...(written + index === 0 && { begins: true }),
        },
      ]),
    ),
  );
}
const verdict = await verifyLog({ store, log: 'log', linkKey });
await store.close();
parentPort?.postMessage(verdict);
