import type { Message } from '@esplanade/vici';
import type { Charon } from './charon.ts';
import type { CharonHoldings } from './charon-holdings.ts';
import { isOurs, neighbourDiscoveryName, parseChildName, ringOfSecret } from './names.ts';

/** What a line of charon's log says that somebody did, whoever it was. */
export type Deed =
  /** Took a child out, or uninstalled it. Which connection it was in charon does not say. */
  | { readonly kind: 'child gone'; readonly name: string }
  | { readonly kind: 'secret gone'; readonly name: string }
  /** Loaded credentials that are not ours; what was cleared away before that, charon does not say. */
  | { readonly kind: 'credentials loaded' }
  /** Found no key for an IKE SA. */
  | { readonly kind: 'key not found' }
  /** Found none of our private keys for an IKE SA: somebody has taken it away. */
  | { readonly kind: 'private key not found' }
  /** A connection that no load of ours accounts for. */
  | { readonly kind: 'connection loaded'; readonly name: string };

/** Reads a line of charon's log. */
export function deedOf(line: string): Deed | undefined {
  const [, child] = /^(?:vici )?uninstall(?:ing)? '(.+)'$/.exec(line) ?? [];
  if (child !== undefined) return { kind: 'child gone', name: child };
  const [, secret] = /^unloaded shared key with id '(.+)'$/.exec(line) ?? [];
  if (secret !== undefined) return { kind: 'secret gone', name: secret };
  const [, connection] = /^(?:added|updated|replaced) vici connection: (.+)$/.exec(line) ?? [];
  if (connection !== undefined) return { kind: 'connection loaded', name: connection };
  if (line.startsWith('no shared key found for ')) return { kind: 'key not found' };
  if (line.startsWith('no private key found for ')) return { kind: 'private key not found' };
  const [loaded, id] =
    /^loaded (?:.* with id '(.+)' for: |.*shared key|certificate|.*private key)/.exec(line) ?? [];
  if (loaded === undefined) return undefined;
  return id !== undefined && ringOfSecret(id) !== undefined ? undefined : { kind: 'credentials loaded' };
}

/** Whether a deed contradicts our account, so that it was not we who did it. */
export function contradicts(deed: Deed, account: CharonHoldings): boolean {
  switch (deed.kind) {
    case 'secret gone':
      return account.secretsOf(ringOfSecret(deed.name) ?? '').includes(deed.name);
    case 'child gone': {
      const { name } = deed;
      const policyUuid = parseChildName(name)?.policyUuid;
      const held =
        policyUuid === undefined
          ? [{ connectionName: neighbourDiscoveryName, childName: name }]
          : account.childrenOfPolicy(policyUuid).filter(({ childName }) => childName === name);
      return held.some(
        ({ connectionName }) =>
          account.childrenOf(connectionName).has(name) && account.isInForce(connectionName, name),
      );
    }
    case 'connection loaded':
      return isOurs(deed.name);
    case 'credentials loaded':
    case 'key not found':
      return false;
    case 'private key not found':
      return true;
  }
}

/** Charon writes that it does something just before it does. */
const saysBeforeItDoesMs = 250;
/** How often charon is asked for its keys at most, however many IKE SAs miss one. */
const keysAgainMs = 2_000;

/** What to do about somebody's deeds. */
export interface TamperingOptions {
  /** Runs a look at an account when nobody is changing it: what we did ourselves is in it by then. */
  readonly inTurn: (look: () => Promise<void>) => Promise<void>;
  /** Something of ours is gone, or something with a name of ours has come. */
  readonly onFound: () => void;
  /** Only asking for the keys of this charon tells whether ours are there. */
  readonly onKeysInDoubt: (charon: Charon) => void;
}

/** Notices what somebody else does to what is ours, by what charon says and by what it answers now and then. */
export class Tampering {
  readonly #options: TamperingOptions;
  #isFound = false;
  readonly #inDoubt = new Set<Charon>();
  readonly #askedMs = new WeakMap<Charon, number>();

  constructor(options: TamperingOptions) {
    this.#options = options;
  }

  heard(charon: Charon, deed: Deed): void {
    if (deed.kind === 'credentials loaded' || deed.kind === 'key not found') this.#doubt(charon);
    else {
      if (deed.kind === 'connection loaded' && isOurs(deed.name)) charon.doubt(deed.name);
      this.#suspect(charon, (account) => contradicts(deed, account));
    }
  }

  /** A reply to `get-shared` or `get-conns`. Where we have changed anything since it was asked for, it says nothing. */
  lookAt(charon: Charon, reply: Message, askedMs: number): void {
    const keys = reply.get('keys') === undefined ? undefined : new Set(reply.texts('keys'));
    const connections = reply.get('conns') === undefined ? undefined : new Set(reply.texts('conns'));
    this.#suspect(
      charon,
      (account) =>
        !charon.isChangedSince(askedMs) &&
        (keys?.isSupersetOf(new Set(account.secretNames())) === false ||
          connections?.isSupersetOf(new Set(account.connectionNames())) === false),
    );
  }

  #foundSoon(): void {
    if (this.#isFound) return;
    this.#isFound = true;
    setTimeout(() => {
      this.#isFound = false;
      this.#options.onFound();
    }, saysBeforeItDoesMs).unref();
  }

  #doubt(charon: Charon): void {
    if (this.#inDoubt.has(charon)) return;
    this.#inDoubt.add(charon);
    const dueMs = (this.#askedMs.get(charon) ?? -keysAgainMs) + keysAgainMs;
    const waitMs = Math.max(saysBeforeItDoesMs, dueMs - performance.now());
    setTimeout(() => {
      this.#inDoubt.delete(charon);
      this.#askedMs.set(charon, performance.now());
      this.#options.onKeysInDoubt(charon);
    }, waitMs).unref();
  }

  #suspect(charon: Charon, isDifferent: (account: CharonHoldings) => boolean): void {
    void this.#options.inTurn(async () => {
      if (charon.lastKnown !== undefined && isDifferent(charon.lastKnown)) this.#foundSoon();
    });
  }
}
