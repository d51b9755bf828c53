import { basename } from 'node:path';
import { Daemon } from '../support/daemon.ts';
import type { StorageStage } from './storage-stage.ts';

/** System calls on the files of a store that fail from now on, and how. */
export interface FailingCalls {
  /** As strace names them, with commas. */
  readonly calls: string;
  readonly error: 'EROFS' | 'EIO';
}

/** Lets system calls of a server that keeps its data on a small disk fail, by way of strace, until that is ended. */
export async function letCallsFail(
  { server: { pid }, disk, data }: Pick<StorageStage, 'server' | 'disk' | 'data'>,
  { calls, error }: FailingCalls,
): Promise<Daemon> {
  const directory = `/mnt/${basename(data)}`;
  const paths = ['', '/store.db', '/store.db-wal'].flatMap((name) => ['--trace-path', `${directory}${name}`]);
  const attached = ['--follow-forks', '--attach', String(pid), '--trace', calls, ...paths];
  const command = disk.inside('strace', ...attached, '--inject', `${calls}:error=${error}`);
  const strace = new Daemon('strace', command);
  await strace.line(/attached/);
  return strace;
}
