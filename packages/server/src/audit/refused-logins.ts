import type { Clock } from '@esplanade/reconciler';
import type { RefusedLogin } from '../app.ts';
import { sourceOf } from '../logins/login-source.ts';
import type { EntryParts } from './audit-trail.ts';

/** What is told of refused logins, and to whom. */
export interface RefusedLoginsOptions {
  readonly add: (parts: EntryParts) => Promise<void>;
  readonly clock: Clock;
}

/** How long refusals are counted together. */
const windowMs = 60_000;
/** So many of a source have an entry each. */
const toldOneByOne = 10;
/** So many sources are told from one another within a minute; all others together are one. */
const mostSources = 64;
const mostAccounts = 5;

/** What else a source was refused within the minute. */
interface Tally {
  /** The address that came first; undefined for many. */
  readonly location: string | undefined;
  count: number;
  readonly reasons: Map<string, number>;
  readonly accounts: Set<string>;
}

/**
 * Keeps refused logins: the first ten of a source within a minute one by one, the others as one entry with their number when the
 * minute is over. However many come, from wherever, a minute adds no more than some 700 entries.
 */
export class RefusedLogins {
  readonly #options: RefusedLoginsOptions;
  #sources = new Map<string, Tally>();
  #others: Tally | undefined;
  #cancel: (() => void) | undefined;

  constructor(options: RefusedLoginsOptions) {
    this.#options = options;
  }

  /** Counts one. */
  refused(login: RefusedLogin): void {
    this.#cancel ??= this.#options.clock.after(windowMs, () => void this.#endMinute());
    const tally = this.#tallyOf(login.source);
    tally.count += 1;
    if (tally.location !== undefined && tally.count <= toldOneByOne) {
      void this.#options.add(entryOf(login));
      return;
    }
    tally.reasons.set(login.reason, (tally.reasons.get(login.reason) ?? 0) + 1);
    if (login.account !== undefined && tally.accounts.size < mostAccounts)
      tally.accounts.add(login.account.name);
  }

  /** Writes what was counted. */
  async close(): Promise<void> {
    await this.#endMinute();
  }

  #tallyOf(source: string): Tally {
    const key = sourceOf(source);
    const known = this.#sources.get(key);
    if (known !== undefined) return known;
    if (this.#sources.size >= mostSources) {
      this.#others ??= newTally(undefined);
      return this.#others;
    }
    const tally = newTally(source);
    this.#sources.set(key, tally);
    return tally;
  }

  async #endMinute(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    const tallies = [...this.#sources.values(), ...(this.#others === undefined ? [] : [this.#others])];
    this.#sources = new Map();
    this.#others = undefined;
    await Promise.all(
      tallies.filter(({ reasons }) => reasons.size > 0).map((tally) => this.#options.add(summaryOf(tally))),
    );
  }
}

function newTally(location: string | undefined): Tally {
  return { location, count: 0, reasons: new Map(), accounts: new Set() };
}

function entryOf({ source, reason, account }: RefusedLogin): EntryParts {
  return {
    application: 'http',
    user: account?.name,
    svm: account?.scope.kind === 'svm' ? account.scope.svm : undefined,
    location: source,
    state: 'error',
    input: 'Login',
    message: `refused: ${reason}`,
  };
}

function summaryOf({ location, reasons, accounts }: Tally): EntryParts {
  const total = [...reasons.values()].reduce((sum, count) => sum + count, 0);
  const whose = location === undefined ? 'of further sources ' : '';
  const about = accounts.size === 0 ? '' : `; accounts: ${[...accounts].join(', ')}`;
  const kinds = [...reasons].map(([reason, count]) => `${reason} ${count}`).join(', ');
  return {
    application: 'http',
    location,
    state: 'error',
    input: 'Login',
    message: `${total} more logins ${whose}were refused within a minute (${kinds}${about})`,
  };
}
