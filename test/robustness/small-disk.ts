import { closeSync, fstatSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../support/command.ts';
import { Daemon } from '../support/daemon.ts';
import { launcher } from '../support/esplanade.ts';

/** How much fits on a disk. */
export interface DiskSize {
  readonly kilobytes: number;
  /** Files and directories (1,000). */
  readonly inodes?: number;
}

/** A small file system in memory that only its own mount namespace has; to us it is under `path`. Needs root. */
export class SmallDisk {
  readonly path: string;
  readonly #holder: Daemon;
  #empties = 0;

  private constructor(path: string, holder: Daemon) {
    this.path = path;
    this.#holder = holder;
  }

  /** Makes an empty one. */
  static async create({ kilobytes, inodes = 1_000 }: DiskSize): Promise<SmallDisk> {
    const mount = `mount -t tmpfs -o size=${kilobytes}k,nr_inodes=${inodes},mode=0700 esplanade-disk /mnt`;
    const script = `${mount} && echo mounted && exec sleep infinity`;
    const holder = new Daemon('small disk', ['unshare', '--mount', 'sh', '-c', script]);
    await holder.line(/^mounted$/);
    return new SmallDisk(`/proc/${holder.pid}/root/mnt`, holder);
  }

  /** What starts a server that sees the disk. */
  get command(): readonly string[] {
    return this.inside(launcher);
  }

  /** Writes a file until not a byte more fits. */
  fill(): void {
    const descriptor = openSync(join(this.path, 'filler'), 'a');
    try {
      for (const size of [65_536, 4_096, 1]) writeUntilFull(descriptor, Buffer.alloc(size));
    } finally {
      closeSync(descriptor);
    }
  }

  /** Makes files until there is no inode left. */
  takeInodes(): void {
    while (statfsSync(this.path).ffree > 0) {
      this.#empties += 1;
      closeSync(openSync(join(this.path, `empty-${this.#empties}`), 'w'));
    }
  }

  /** Gives back what was taken. */
  async free(): Promise<void> {
    rmSync(join(this.path, 'filler'), { force: true });
    await runCommand('find', [this.path, '-maxdepth', '1', '-name', 'empty-*', '-delete']);
  }

  /** Makes it read-only or writable, which needs that nobody has a file open for writing; or larger. */
  async remount(how: 'ro' | 'rw' | `size=${number}k`): Promise<void> {
    const [command = '', ...args] = this.inside('mount', '-o', `remount,${how}`, '/mnt');
    await runCommand(command, args);
  }

  /** Gone with all that is on it, once nobody uses it. */
  async close(): Promise<void> {
    await this.#holder.end('SIGKILL');
  }

  /** Makes a command one that sees the disk, under `/mnt`. */
  inside(...command: readonly string[]): readonly string[] {
    return ['nsenter', '--mount', '--target', String(this.#holder.pid), ...command];
  }
}

function writeUntilFull(descriptor: number, chunk: Buffer): void {
  for (;;) {
    const before = fstatSync(descriptor).size;
    try {
      writeSync(descriptor, chunk);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return;
      throw error;
    }
    if (fstatSync(descriptor).size === before) return;
  }
}
