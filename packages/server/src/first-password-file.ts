import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DesiredState } from '@esplanade/desired';
import type { Log } from './log.ts';
import { verifyPassword } from './logins/password-hash.ts';

/** The account every data directory begins with. */
export const firstAccountName = 'admin';

/** Where a password is kept that was made up for the first account. */
export function firstPasswordFile(dataDirectory: string): string {
  return join(dataDirectory, 'admin-password');
}

/** What is watched. */
export interface FirstPasswordOptions {
  readonly desired: Pick<DesiredState, 'snapshot' | 'subscribe'>;
  readonly dataDirectory: string;
  readonly log: Log;
}

/**
 * Removes the file with the first account's password as soon as that has another one, or is gone: what is kept in clear then is the
 * password of nobody, or of wherever else somebody uses it. Looks at the start, for changes while no server ran.
 */
export class FirstPasswordWatch {
  readonly #options: FirstPasswordOptions;
  readonly #unsubscribe: () => void;
  /** The hash that was last looked at; none yet is not the same as an account that is gone. */
  #seen: { readonly hash: string | undefined } | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: FirstPasswordOptions) {
    this.#options = options;
    this.#unsubscribe = options.desired.subscribe(() => this.#follow());
    this.#follow();
  }

  /** Ends after the look under way. */
  async close(): Promise<void> {
    this.#unsubscribe();
    await this.#looking;
  }

  #follow(): void {
    const hash = this.#hash();
    if (this.#seen !== undefined && this.#seen.hash === hash) return;
    this.#seen = { hash };
    this.#looking = this.#looking.then(() => this.#look(hash));
  }

  #hash(): string | undefined {
    for (const { value } of this.#options.desired.snapshot().accounts.values())
      if (value.scope.kind === 'cluster' && value.name === firstAccountName) return value.passwordHash;
    return undefined;
  }

  async #look(hash: string | undefined): Promise<void> {
    const { dataDirectory, log } = this.#options;
    const path = firstPasswordFile(dataDirectory);
    try {
      const password = await readOrAbsent(path);
      if (password === undefined || (hash !== undefined && (await verifyPassword(password.trim(), hash))))
        return;
      await rm(path, { force: true });
      log.info(`${path} is removed: it is the password of the account ${firstAccountName} no longer`);
    } catch (error) {
      log.warn({ err: error }, `whether ${path} is still of use could not be found out`);
    }
  }
}

async function readOrAbsent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
