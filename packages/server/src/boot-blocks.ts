import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DesiredSnapshot, DesiredState } from '@esplanade/desired';
import type { IpsecPolicy } from '@esplanade/domain';
import { writePrivateFile } from './private-file.ts';

/** Changes that follow one another so soon share a file. */
const gatherMs = 1_000;
/** After failures in a row the pauses grow up to this. */
const longestPauseMs = 60_000;

/** Where the blocks of each IPspace are kept: a file of its name, with selectors and no secrets. */
export function bootBlocksDirectory(dataDirectory: string): string {
  return join(dataDirectory, 'blocks');
}

/** What a set of files of blocks is made of. */
export interface BootBlocksOptions {
  readonly desired: DesiredState;
  readonly dataDirectory: string;
  /** The block beneath a policy as the launcher of guards reads it; undefined where there is none. */
  readonly lineOf: (policy: IpsecPolicy) => string | undefined;
  /** Hears that files could not be written; it is tried again, whether anything changes or not. */
  readonly onFailed: (error: unknown) => void;
}

/**
 * Keeps, beside the data, a file of the blocks beneath each IPspace's policies, for `bin/esplanade-charon --blocks`: a
 * guard that starts holds them before any server has connected. At most a second behind the desired state.
 */
export class BootBlocks {
  readonly #options: BootBlocksOptions;
  readonly #directory: string;
  readonly #lines = new WeakMap<IpsecPolicy, string>();
  readonly #unsubscribe: () => void;
  readonly #closing = new AbortController();
  #isStale = false;
  #writing: Promise<void> | undefined;

  constructor(options: BootBlocksOptions) {
    this.#options = options;
    this.#directory = bootBlocksDirectory(options.dataDirectory);
    this.#unsubscribe = options.desired.subscribe(() => this.#changed());
    this.#changed();
  }

  /** Writes what is still to be written, and stops following. */
  async close(): Promise<void> {
    this.#unsubscribe();
    this.#closing.abort();
    await this.#writing;
  }

  #changed(): void {
    this.#isStale = true;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  async #write(): Promise<void> {
    let pauseMs = gatherMs;
    while (this.#isStale) {
      this.#isStale = false;
      try {
        await this.#writeAll(this.#options.desired.snapshot());
        pauseMs = gatherMs;
      } catch (error) {
        this.#options.onFailed(error);
        this.#isStale = !this.#closing.signal.aborted;
        pauseMs = Math.min(2 * pauseMs, longestPauseMs);
      }
      await this.#gather(pauseMs);
    }
  }

  /** Lets changes gather; cut short by the end, which then finds the last ones still to be written. */
  async #gather(pauseMs: number): Promise<void> {
    const { signal } = this.#closing;
    try {
      await sleep(pauseMs, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #writeAll(snapshot: DesiredSnapshot): Promise<void> {
    await this.#makeDirectory();
    const files = new Map([...snapshot.ipspaces.values()].map(({ value }) => [value.name, '']));
    for (const [name, text] of this.#texts(snapshot)) files.set(name, text);
    for (const [name, text] of files) await writePrivateFile(join(this.#directory, name), text);
    // Of IPspaces that are gone.
    for (const name of await readdir(this.#directory))
      if (!files.has(name)) await rm(join(this.#directory, name), { force: true });
  }

  /** Not those above it: a data directory that was moved away must find its place empty when it comes back. */
  async #makeDirectory(): Promise<void> {
    try {
      await mkdir(this.#directory, { mode: 0o700 });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }

  #texts({ ipsec, policies }: DesiredSnapshot): ReadonlyMap<string, string> {
    const lines = new Map<string, string[]>();
    if (!ipsec.value.enabled) return new Map();
    for (const { value } of policies.values()) {
      if (!value.enabled) continue;
      const ofIpspace = lines.get(value.ipspace.name) ?? [];
      ofIpspace.push(this.#lineOf(value));
      lines.set(value.ipspace.name, ofIpspace);
    }
    return new Map([...lines].map(([name, all]) => [name, all.join('')]));
  }

  /** Kept, because a change concerns one policy of thousands. */
  #lineOf(policy: IpsecPolicy): string {
    const line = this.#lines.get(policy) ?? this.#options.lineOf(policy) ?? '';
    this.#lines.set(policy, line);
    return line;
  }
}
