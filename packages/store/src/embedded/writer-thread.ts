import { parentPort, workerData } from 'node:worker_threads';
import type { Write } from '../store.ts';
import { openWriteConnection } from './data-directory.ts';
import { DatabasePlace } from './database-place.ts';
import { type CommitOutcome, DocumentWriter } from './document-writer.ts';

/** What the thread is started with. */
export interface WriterThreadData {
  readonly databasePath: string;
}

/** `commit` is answered by one WriterReply, in order; `close` by the end of the thread. */
export type WriterRequest =
  | { readonly kind: 'commit'; readonly commits: readonly (readonly Write[])[] }
  | { readonly kind: 'close' };

/** `ready` comes once, first; then one outcome per commit of each batch, all of them on disk. */
export type WriterReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'outcomes'; readonly outcomes: readonly CommitOutcome[] };

if (parentPort === null) throw new Error('the store writer runs only as a worker thread');
const port = parentPort;
const { databasePath }: WriterThreadData = workerData;
const database = openWriteConnection(databasePath);
const writer = new DocumentWriter(database);
const place = new DatabasePlace(databasePath);
port.on('message', (request: WriterRequest) => {
  if (request.kind === 'commit') {
    reply({ kind: 'outcomes', outcomes: carryOut(request.commits) });
  } else {
    database.close();
    port.close();
  }
});
reply({ kind: 'ready' });

function carryOut(commits: readonly (readonly Write[])[]): readonly CommitOutcome[] {
  const reason = place.trouble();
  return reason === undefined
    ? writer.commitAll(commits)
    : commits.map(() => ({ kind: 'unavailable', reason }));
}

function reply(message: WriterReply): void {
  port.postMessage(message);
}
