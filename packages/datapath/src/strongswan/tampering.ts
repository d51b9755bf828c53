import type { Message, ViciEvent } from '@esplanade/vici';
import type { Charon } from './charon.ts';
import type { CharonHoldings } from './charon-holdings.ts';
import { parseChildName, ringOfSecret } from './names.ts';

/** Something that charon says it has let go of, whoever told it to. */
export type LetGo =
  | { readonly kind: 'child'; readonly name: string }
  | { readonly kind: 'secret'; readonly name: string };

/** What a line of charon's log says was let go of, if it is of ours. Which connection a child was in it does not say. */
export function letGo(line: string): LetGo | undefined {
  const [, child] = /^(?:vici )?uninstall(?:ing)? '(.+)'$/.exec(line) ?? [];
  if (child !== undefined && parseChildName(child) !== undefined) return { kind: 'child', name: child };
  const [, secret] = /^unloaded shared key with id '(.+)'$/.exec(line) ?? [];
  if (secret !== undefined && ringOfSecret(secret) !== undefined) return { kind: 'secret', name: secret };
  return undefined;
}

/** Whether our account still counts on it, so that it was not we who took it away. */
export function isCountedOn({ kind, name }: LetGo, account: CharonHoldings): boolean {
  if (kind === 'secret') return account.secretsOf(ringOfSecret(name) ?? '').includes(name);
  const policyUuid = parseChildName(name)?.policyUuid;
  return (
    policyUuid !== undefined &&
    account
      .childrenOfPolicy(policyUuid)
      .some((held) => held.childName === name && account.isInForce(held.connectionName, name))
  );
}

/** Charon writes that it takes something away just before it does. */
const saysBeforeItDoesMs = 250;

/** Notices what somebody else takes away from a charon, by what it says and by what it answers now and then. */
export class Tampering {
  readonly #inTurn: (look: () => Promise<void>) => Promise<void>;
  readonly #found: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** `inTurn` runs a look at an account when nobody is changing it: what we did ourselves is in it by then. */
  constructor(inTurn: (look: () => Promise<void>) => Promise<void>, found: () => void) {
    this.#inTurn = inTurn;
    this.#found = found;
  }

  heard(charon: Charon, event: ViciEvent): void {
    const gone = event.kind === 'event' ? letGo(event.message.text('msg') ?? '') : undefined;
    if (gone !== undefined) this.#suspect(charon, (account) => isCountedOn(gone, account));
  }

  /** A reply to `get-shared` or `get-conns`. */
  lookAt(charon: Charon, reply: Message): void {
    const keys = reply.get('keys') === undefined ? undefined : new Set(reply.texts('keys'));
    const connections = reply.get('conns') === undefined ? undefined : new Set(reply.texts('conns'));
    this.#suspect(
      charon,
      (account) =>
        keys?.isSupersetOf(new Set(account.secretNames())) === false ||
        connections?.isSupersetOf(new Set(account.connectionNames())) === false,
    );
  }

  #foundSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#found, saysBeforeItDoesMs).unref();
  }

  #suspect(charon: Charon, isDifferent: (account: CharonHoldings) => boolean): void {
    void this.#inTurn(async () => {
      if (charon.lastKnown !== undefined && isDifferent(charon.lastKnown)) this.#foundSoon();
    });
  }
}
