import { TokenBuckets, type TokenRate } from './token-buckets.ts';

/** What of failed logins is let pass before a source has to wait. */
export interface FailedLoginRates {
  /** For one account, by one source. */
  readonly perAccount: TokenRate;
  /** For all accounts together, by one source. */
  readonly perSource: TokenRate;
}

/**
 * A person who tries what he remembers is done within ten. A program that guesses has ten, then 8,640 a day for one account
 * and 86,400 for all of them: against passwords of eight characters and more that is nothing. A hundred at once for a
 * source, because whole sites come from one address, and their clients all begin anew after a change of passwords.
 */
export const failedLoginRates: FailedLoginRates = {
  perAccount: { burst: 10, refillMs: 10_000 },
  perSource: { burst: 100, refillMs: 1_000 },
};

/** How long each failure puts a network's guesses behind others', when there are more than can be hashed. */
const memory: TokenRate = { burst: 1, refillMs: 600_000 };

/** So many refusals are remembered, the latest ones. */
const mostRefusals = 10_000;

/** Where a guess came from, at which account, and its digest. */
export interface FailedLogin {
  readonly source: string;
  readonly network: string;
  readonly name: string;
  readonly guess: string;
}

/**
 * Remembers which logins failed, for each source by itself: nobody's failures keep another source out, nor another
 * account of the same source. A guess counts once: a client that goes on with an old password is refused by what is
 * remembered, and uses up nothing that others at its address need.
 */
export class FailedLogins {
  readonly #byAccount: TokenBuckets;
  readonly #bySource: TokenBuckets;
  readonly #byNetwork: TokenBuckets;
  readonly #refusals = new Set<string>();

  constructor({ perAccount, perSource }: FailedLoginRates, nowMs: () => number) {
    this.#byAccount = new TokenBuckets(perAccount, nowMs);
    this.#bySource = new TokenBuckets(perSource, nowMs);
    this.#byNetwork = new TokenBuckets(memory, nowMs);
  }

  /** How long the source has to wait before it may guess at the account; 0 when it may now. */
  waitMs(source: string, account: string): number {
    return Math.max(this.#bySource.waitMs(source), this.#byAccount.waitMs(pair(source, account)));
  }

  /** How many failures of the network are not forgotten yet. */
  ofNetwork(network: string): number {
    return this.#byNetwork.missing(network);
  }

  /** Whether this guess, by its digest, has been wrong before, from this source. */
  isKnown(source: string, guess: string): boolean {
    return this.#refusals.has(pair(source, guess));
  }

  /** Counts a guess that was wrong; not again if it is known to be. */
  add({ source, network, name, guess }: FailedLogin): void {
    const refusal = pair(source, guess);
    if (this.#refusals.has(refusal)) return;
    this.#refusals.add(refusal);
    if (this.#refusals.size > mostRefusals) {
      const [oldest] = this.#refusals;
      if (oldest !== undefined) this.#refusals.delete(oldest);
    }
    this.#byAccount.take(pair(source, name));
    this.#bySource.take(source);
    this.#byNetwork.take(network);
  }
}

/** A source has no space in it. */
function pair(source: string, of: string): string {
  return `${source} ${of}`;
}
