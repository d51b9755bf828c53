import type { Reference } from '@esplanade/domain';
import type { Clock } from '@esplanade/reconciler';
import type { RefusedLogin } from '../app.ts';
import type { UnheardRequest } from '../edge/unheard.ts';
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
/** So many sources, each for its kind and SVM, are told from one another within a minute; all others of a kind together are one. */
const mostSources = 64;
const mostAccounts = 5;

type Kind = 'Login' | 'Request';

/** Something that was refused: what, to whom, of which SVM where an account's name says so. */
interface Refused {
  readonly kind: Kind;
  readonly reason: string;
  readonly source: string;
  readonly account?: string | undefined;
  readonly svm?: Reference | undefined;
}

/** What else a source was refused within the minute. */
interface Tally extends Pick<Refused, 'kind' | 'svm'> {
  /** The address that came first; undefined for many. */
  readonly location: string | undefined;
  count: number;
  readonly reasons: Map<string, number>;
  readonly accounts: Set<string>;
}

/**
 * Keeps refused logins, and requests that were refused before a login was looked at: the first ten of a source within a minute
 * one by one, the others as one entry with their number when the minute is over; those about accounts of an SVM by themselves,
 * for it to see. However many come, from wherever, a minute adds no more than some 700 entries.
 */
export class RefusedLogins {
  readonly #options: RefusedLoginsOptions;
  #sources = new Map<string, Tally>();
  #others = new Map<Kind, Tally>();
  #cancel: (() => void) | undefined;

  constructor(options: RefusedLoginsOptions) {
    this.#options = options;
  }

  /** Counts a login. */
  refused({ source, reason, account }: RefusedLogin): void {
    const svm = account?.scope.kind === 'svm' ? account.scope.svm : undefined;
    this.#count({ kind: 'Login', source, reason, account: account?.name, svm });
  }

  /** Counts a request. */
  unheard(request: UnheardRequest): void {
    this.#count({ kind: 'Request', ...request });
  }

  /** Writes what was counted. */
  async close(): Promise<void> {
    await this.#endMinute();
  }

  #count(refused: Refused): void {
    this.#cancel ??= this.#options.clock.after(windowMs, () => void this.#endMinute());
    const tally = this.#tallyOf(refused);
    tally.count += 1;
    if (tally.location !== undefined && tally.count <= toldOneByOne) {
      void this.#options.add(entryOf(refused));
      return;
    }
    const { reason, account } = refused;
    tally.reasons.set(reason, (tally.reasons.get(reason) ?? 0) + 1);
    if (account !== undefined && tally.accounts.size < mostAccounts) tally.accounts.add(account);
  }

  #tallyOf({ kind, source, svm }: Refused): Tally {
    const key = `${kind} ${svm?.uuid ?? ''} ${sourceOf(source)}`;
    const known = this.#sources.get(key);
    if (known !== undefined) return known;
    const isOne = this.#sources.size < mostSources;
    const others = isOne ? undefined : this.#others.get(kind);
    if (others !== undefined) return others;
    const of = { kind, location: isOne ? source : undefined, svm: isOne ? svm : undefined };
    const tally: Tally = { ...of, count: 0, reasons: new Map(), accounts: new Set() };
    if (isOne) this.#sources.set(key, tally);
    else this.#others.set(kind, tally);
    return tally;
  }

  async #endMinute(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    const tallies = [...this.#sources.values(), ...this.#others.values()];
    this.#sources = new Map();
    this.#others = new Map();
    await Promise.all(
      tallies.filter(({ reasons }) => reasons.size > 0).map((tally) => this.#options.add(summaryOf(tally))),
    );
  }
}

function entryOf({ kind, source, reason, account, svm }: Refused): EntryParts {
  return {
    application: 'http',
    user: account,
    svm,
    location: source,
    state: 'error',
    input: kind,
    message: `refused: ${reason}`,
  };
}

function summaryOf({ kind, location, svm, reasons, accounts }: Tally): EntryParts {
  const total = [...reasons.values()].reduce((sum, count) => sum + count, 0);
  const what = kind === 'Login' ? 'logins' : 'requests';
  const whose = location === undefined ? 'of further sources ' : '';
  const about = accounts.size === 0 ? '' : `; accounts: ${[...accounts].join(', ')}`;
  const kinds = [...reasons].map(([reason, count]) => `${reason} ${count}`).join(', ');
  return {
    application: 'http',
    location,
    svm,
    state: 'error',
    input: kind,
    message: `${total} more ${what} ${whose}were refused within a minute (${kinds}${about})`,
  };
}
