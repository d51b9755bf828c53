import { isUtf8 } from 'node:buffer';
import { hash, randomBytes } from 'node:crypto';
import type { Account } from '@esplanade/desired';
import { type FailedLoginRates, FailedLogins } from './failed-logins.ts';
import { FairQueue, type FairQueueLimits } from './fair-queue.ts';
import type { AuthenticationResult, Refusal } from './login-result.ts';
import { networkOf, sourceOf } from './login-source.ts';
import { verifyPassword } from './password-hash.ts';

/** How long a verified password is believed without hashing it again. */
const believedMs = 300_000;
/** Verified passwords that are remembered, the latest ones: each an account that logs in. */
const mostVerified = 10_000;
/** Sources of logins that were right, the latest ones. */
const mostFamiliar = 10_000;
/** Each hash takes 19 MiB and a pool thread for some 30 ms; the pool has four, and the disk needs one. */
const usualHashing: FairQueueLimits = { concurrency: 2, mostWaiting: 1_000 };

/** Takes as long to refuse as a real account's hash, so that answers do not tell which names exist. */
const nobody =
  '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

/** Basic authentication, with what else it needs to know. */
export interface BasicLoginOptions {
  /** The account of a login name, locked or not. */
  readonly find: (login: string) => Account | undefined;
  readonly rates: FailedLoginRates;
  /** How many passwords are hashed at once, and may wait for it. */
  readonly hashing?: FairQueueLimits;
  /** A clock that never goes back. */
  readonly nowMs?: () => number;
}

interface Attempt {
  readonly login: string;
  readonly password: string;
  readonly source: string;
  readonly network: string;
  /** Keyed digest of the account, whatever it is called, or of a name that has none, which may be a password in the wrong field. */
  readonly name: string;
  /** Keyed digest of account, password and stored hash: the same for the same guess at the same password. */
  readonly guess: string;
  /** What the password must make; undefined when no password lets in. */
  readonly passwordHash: string | undefined;
}

/** A password that is being looked at, and for how many. */
interface Flight {
  readonly verdict: Promise<Verdict>;
  readonly gone: AbortController;
  askers: number;
}

/** Calls back when nobody waits for the answer any more. */
export type OnGone = (callback: () => void) => void;

type Verdict = 'right' | 'wrong' | 'limited' | 'busy';

/**
 * Basic authentication (RFC 7617). A verified password is believed for minutes under a keyed digest of name, password
 * and stored hash: repeated requests cost microseconds, the password itself is kept nowhere, and a changed password, a
 * lock and another role count at once because the account is looked up each time. A password that was right before is
 * no guess: it is hashed before all others', and no failures of anybody keep it out.
 */
export class BasicLogins {
  readonly #find: BasicLoginOptions['find'];
  readonly #nowMs: () => number;
  readonly #failed: FailedLogins;
  readonly #processKey = randomBytes(32).toString('base64');
  /** Until when a guess that was right is believed; afterwards it is still known. */
  readonly #verified = new Map<string, number>();
  readonly #underway = new Map<string, Flight>();
  readonly #familiar = new Set<string>();
  readonly #queue: FairQueue;

  constructor({ find, rates, hashing = usualHashing, nowMs = () => performance.now() }: BasicLoginOptions) {
    this.#find = find;
    this.#queue = new FairQueue(hashing);
    this.#nowMs = nowMs;
    this.#failed = new FailedLogins(rates, nowMs);
  }

  /** Checks an `Authorization` header that came from there. */
  authenticate(
    header: string,
    remoteAddress: string | undefined,
    onGone: OnGone = () => undefined,
  ): Promise<AuthenticationResult> | AuthenticationResult {
    const credentials = parseBasic(header);
    if (credentials === undefined) return { kind: 'refused', reason: 'nothing-shown' };
    const { login, password } = credentials;
    const account = this.#find(login);
    const passwordHash = usableHash(account);
    const name = this.#digest(...namesOf(login, account));
    const guess = this.#digest(name, password, passwordHash ?? '');
    if (account !== undefined && this.#isBelieved(guess)) return { kind: 'authenticated', account };
    const from = { source: sourceOf(remoteAddress), network: networkOf(remoteAddress) };
    return this.#decide({ login, password, name, guess, passwordHash, ...from }, onGone);
  }

  #decide(attempt: Attempt, onGone: OnGone): Promise<AuthenticationResult> | AuthenticationResult {
    const { login, source, guess } = attempt;
    if (this.#failed.isKnown(source, guess)) return { kind: 'refused', ...this.#refusalOf(login) };
    if (this.#mustWait(attempt)) return this.#postponed('limited', attempt);
    const flight = this.#flightOf(`${source} ${guess}`, attempt);
    flight.askers += 1;
    onGone(() => {
      flight.askers -= 1;
      if (flight.askers === 0) flight.gone.abort();
    });
    return flight.verdict.then((known) => this.#resultOf(known, attempt));
  }

  /** One for all who ask the same at the same time. */
  #flightOf(key: string, attempt: Attempt): Flight {
    const known = this.#underway.get(key);
    if (known !== undefined && !known.gone.signal.aborted) return known;
    const gone = new AbortController();
    const verdict = this.#verify(attempt, gone.signal).finally(() => {
      if (this.#underway.get(key) === flight) this.#underway.delete(key);
    });
    const flight: Flight = { verdict, gone, askers: 0 };
    this.#underway.set(key, flight);
    return flight;
  }

  async #verify(attempt: Attempt, signal: AbortSignal): Promise<Verdict> {
    const { guess, source, network, password, passwordHash } = attempt;
    const verdict = await this.#queue.run(
      {
        source,
        network,
        failures: this.#failed.ofNetwork(network),
        isPreferred: this.#verified.has(guess),
        isFamiliar: this.#familiar.has(source),
        signal,
      },
      async (): Promise<Verdict> => {
        // What became known while it waited: the same from elsewhere was right, others of this source failed.
        if (this.#isBelieved(guess)) return 'right';
        if (this.#mustWait(attempt)) return 'limited';
        const matches = await verifyPassword(password, passwordHash ?? nobody);
        if (!matches || passwordHash === undefined) {
          this.#failed.add(attempt);
          return 'wrong';
        }
        this.#remember(attempt);
        return 'right';
      },
    );
    return verdict ?? 'busy';
  }

  #resultOf(verdict: Verdict, attempt: Attempt): AuthenticationResult {
    const { login, passwordHash } = attempt;
    if (verdict === 'limited' || verdict === 'busy') return this.#postponed(verdict, attempt);
    // Hashing takes a while: what was changed meanwhile counts.
    const account = this.#find(login);
    if (verdict === 'right' && account !== undefined && usableHash(account) === passwordHash)
      return { kind: 'authenticated', account };
    return { kind: 'refused', ...this.#refusalOf(login) };
  }

  #mustWait({ source, name, guess }: Attempt): boolean {
    return !this.#verified.has(guess) && this.#failed.waitMs(source, name) > 0;
  }

  #postponed(verdict: 'limited' | 'busy', { source, name, login }: Attempt): AuthenticationResult {
    const waitMs = verdict === 'limited' ? this.#failed.waitMs(source, name) : 0;
    return {
      kind: 'postponed',
      retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)),
      ...this.#refusalOf(login),
      reason: verdict === 'limited' ? 'too-many-failures' : 'too-many-at-once',
    };
  }

  #refusalOf(login: string): Refusal {
    const account = this.#find(login);
    if (account === undefined) return { reason: 'password-wrong' };
    return { reason: account.isLocked ? 'account-locked' : 'password-wrong', account };
  }

  #digest(...parts: readonly string[]): string {
    return hash('sha256', JSON.stringify([this.#processKey, ...parts]), 'base64');
  }

  #isBelieved(guess: string): boolean {
    return (this.#verified.get(guess) ?? 0) > this.#nowMs();
  }

  #remember({ guess, source }: Attempt): void {
    this.#verified.delete(guess);
    this.#verified.set(guess, this.#nowMs() + believedMs);
    const [oldest] = this.#verified.keys();
    if (this.#verified.size > mostVerified && oldest !== undefined) this.#verified.delete(oldest);
    this.#familiar.delete(source);
    this.#familiar.add(source);
    const [leastLately] = this.#familiar;
    if (this.#familiar.size > mostFamiliar && leastLately !== undefined) this.#familiar.delete(leastLately);
  }
}

/** What an account is known by under each of its names; a name of nobody by itself. */
function namesOf(login: string, account: Account | undefined): readonly string[] {
  if (account === undefined) return [login];
  return [account.name, account.scope.kind === 'svm' ? account.scope.svm.uuid : ''];
}

/** The hash that a password must match to let in. */
function usableHash(account: Account | undefined): string | undefined {
  return account === undefined || account.isLocked ? undefined : account.passwordHash;
}

function parseBasic(header: string): { login: string; password: string } | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/_-]+=*) *$/i.exec(header) ?? [];
  if (encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  // As our challenge has it. Were what is not UTF-8 replaced, different passwords would be the same.
  if (!isUtf8(bytes)) return undefined;
  const text = bytes.toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { login: text.slice(0, colon), password: text.slice(colon + 1) };
}
