import { parentPort, workerData } from 'node:worker_threads';
import type { Write } from '../store.ts';
import { openWriteConnection } from './data-directory.ts';
import { type CommitOutcome, DocumentWriter } from './document-writer.ts';

/** What the thread is started with. */
export interface WriterThreadData {
  readonly databasePath: string;
}

/** `commit` is answered by one WriterReply, in order; `close` by the end of the thread. */
export type WriterRequest =
  | { readonly kind: 'commit'; readonly commits: readonly (readonly Write[])[] }
  | { readonly kind: 'close' };

/** One outcome per commit of the batch, all of them on disk. */
export type WriterReply = readonly CommitOutcome[];

if (parentPort === null) throw new Error('the store writer runs only as a worker thread');
const port = parentPort;
const { databasePath }: WriterThreadData = workerData;
const database = openWriteConnection(databasePath);
const writer = new DocumentWriter(database);
port.on('message', (request: WriterRequest) => {
  if (request.kind === 'commit') {
    port.postMessage(writer.commitAll(request.commits) satisfies WriterReply);
  } else {
    database.close();
    port.close();
  }
});
