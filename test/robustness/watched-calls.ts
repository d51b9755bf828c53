import { basename } from 'node:path';
import { Daemon } from '../support/daemon.ts';
import type { StorageStage } from './storage-stage.ts';

/** System calls on files of a store, and what becomes of them. */
export interface WatchedCalls {
  /** As strace names them, with commas. */
  readonly calls: string;
  /** All of the store by default. */
  readonly files?: readonly ('store.db' | 'store.db-wal')[];
  /** In strace's words: `error=EIO`, `signal=SIGKILL:when=3`. Each call by itself is counted. Nothing, to watch only. */
  readonly fate?: string;
}

/** Watches system calls of a server that keeps its data on a small disk, by way of strace, until that is ended. */
export async function watchCalls(
  { server: { pid }, disk, data }: Pick<StorageStage, 'server' | 'disk' | 'data'>,
  { calls, files = ['store.db', 'store.db-wal'], fate }: WatchedCalls,
): Promise<Daemon> {
  const directory = `/mnt/${basename(data)}`;
  const paths = [directory, ...files.map((name) => `${directory}/${name}`)];
  const traced = paths.flatMap((path) => ['--trace-path', path]);
  const attached = ['--follow-forks', '--attach', String(pid), '--trace', calls, ...traced];
  const injected = fate === undefined ? [] : ['--inject', `${calls}:${fate}`];
  const strace = new Daemon('strace', disk.inside('strace', ...attached, ...injected));
  await strace.line(/attached/);
  return strace;
}
