import { hash, randomBytes } from 'node:crypto';
import type { Account } from '@esplanade/desired';
import { verifyPassword } from './password-hash.ts';

/** An account as far as logging in goes. */
export type Credentialed = Pick<Account, 'name' | 'role' | 'scope' | 'passwordHash'>;

/** Who a request comes from, or what keeps it from being told. */
export type AuthenticationResult =
  | { readonly kind: 'authenticated'; readonly account: Credentialed }
  | { readonly kind: 'refused' }
  /** More logins at once than we hash for; come back in a second. */
  | { readonly kind: 'busy' };

/** Checks an `Authorization` header. */
export interface Authenticator {
  authenticate(header: string | undefined): Promise<AuthenticationResult> | AuthenticationResult;
}

/** How long a verified password is believed without hashing it again. */
const cacheMs = 300_000;
const cacheLimit = 1_000;
/** Each hash takes 19 MiB and a pool thread for some 30 ms: what waits beyond this is turned away. */
const waitingLimit = 64;
const concurrency = 2;

/** Takes as long to refuse as a real account's hash, so that answers do not tell which names exist. */
const nobody =
  '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

/**
 * Basic authentication (RFC 7617) against the accounts that `find` knows. A verified password is cached for minutes
 * under a keyed digest of name, password and stored hash: repeated requests cost microseconds, the password itself is
 * kept nowhere, and a changed password counts at once because the hash is part of the digest.
 */
export function createAuthenticator(
  find: (name: string) => Credentialed | undefined,
  nowMs: () => number = Date.now,
): Authenticator {
  const processKey = randomBytes(32).toString('base64');
  const verified = new Map<string, number>();
  const underway = new Map<string, Promise<boolean>>();
  const slots = createSlots(concurrency);

  const remember = (digest: string): void => {
    const oldest = verified.keys().next();
    if (verified.size >= cacheLimit && oldest.value !== undefined) verified.delete(oldest.value);
    verified.set(digest, nowMs() + cacheMs);
  };

  const verify = async (
    digest: string,
    password: string,
    account: Credentialed | undefined,
  ): Promise<boolean> => {
    const matches = await slots.run(() => verifyPassword(password, account?.passwordHash ?? nobody));
    const accepted = matches && account !== undefined;
    if (accepted) remember(digest);
    return accepted;
  };

  return {
    authenticate(header) {
      const credentials = parseBasic(header);
      if (credentials === undefined) return { kind: 'refused' };
      const account = find(credentials.name);
      const { name, password } = credentials;
      const digest = hash(
        'sha256',
        JSON.stringify([processKey, name, password, account?.passwordHash ?? '']),
        'base64',
      );
      const believedUntil = verified.get(digest);
      if (account !== undefined && believedUntil !== undefined && believedUntil > nowMs())
        return { kind: 'authenticated', account };
      verified.delete(digest);
      let verification = underway.get(digest);
      if (verification === undefined) {
        if (underway.size >= waitingLimit) return { kind: 'busy' };
        verification = verify(digest, credentials.password, account).finally(() => underway.delete(digest));
        underway.set(digest, verification);
      }
      return verification.then((accepted) =>
        accepted && account !== undefined ? { kind: 'authenticated', account } : { kind: 'refused' },
      );
    },
  };
}

function parseBasic(header: string | undefined): { name: string; password: string } | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/_-]+=*) *$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Runs at most `limit` tasks at once, the others in order of arrival. */
function createSlots(limit: number): { run<T>(task: () => Promise<T>): Promise<T> } {
  let free = limit;
  const waiting: (() => void)[] = [];
  return {
    async run(task) {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await task();
      } finally {
        const next = waiting.shift();
        if (next === undefined) free += 1;
        else next();
      }
    },
  };
}
