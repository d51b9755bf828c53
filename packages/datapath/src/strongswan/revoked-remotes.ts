import { setTimeout as sleep } from 'node:timers/promises';
import { newlyRevoked, type RevocationList, type Trust } from '@esplanade/domain';
import type { SaControl } from './sa-control.ts';

/** What ends IKE SAs of revoked remotes. */
export interface RevokedRemotesOptions {
  readonly sas: Pick<SaControl, 'statesOf' | 'reauthenticate' | 'end'>;
  /** Whether charon had not had the list until we loaded it. */
  readonly isNews: (list: RevocationList) => boolean;
  /** Between two looks: 100 ms. */
  readonly pollMs?: number;
  /** How long remotes may take to prove themselves: 5000 ms. */
  readonly boundMs?: number;
}

/** What counts of an entry. */
interface RevocationUser {
  readonly connection: { readonly name: string };
  readonly negotiation?: { readonly credentials?: { readonly trust: Pick<Trust, 'revocationLists'> } };
}

/** Reauthenticated at once; the others wait. */
const concurrent = 16;
/** Looks that find nothing under way until it is taken for over: charon begins a moment after it said yes. */
const idleLooks = 3;

/**
 * Ends the IKE SAs of remotes that a newer list revokes. Charon does not tell whose certificate an IKE SA rests on, and
 * looks at lists only when a remote authenticates. So all remotes of a connection prove themselves again, by make-before-break
 * reauthentication, when a list revokes any certificate that was not revoked before: who can loses no packet, who is revoked
 * loses the new IKE SA as soon as charon has looked at the list, and the old one of who does not answer in time is ended.
 */
export class RevokedRemotes {
  readonly #options: Required<RevokedRemotesOptions>;
  /** By connection: the lists that its IKE SAs are known to have been held against, by CA. */
  readonly #considered = new Map<string, ReadonlyMap<string, RevocationList>>();

  constructor(options: RevokedRemotesOptions) {
    this.#options = { pollMs: 100, boundMs: 5_000, ...options };
  }

  /** What the entry needs is loaded: ends IKE SAs that its lists no longer allow. */
  async settle({ connection, negotiation }: RevocationUser, signal?: AbortSignal): Promise<void> {
    const lists = negotiation?.credentials?.trust.revocationLists ?? [];
    if (lists.length === 0) return;
    const connectionName = connection.name;
    const before = this.#considered.get(connectionName);
    const isWorse = lists.some((list) => {
      const former = before?.get(list.issuer);
      if (former?.sha256 === list.sha256 || (before === undefined && !this.#options.isNews(list)))
        return false;
      return newlyRevoked(list, former).size > 0;
    });
    this.#considered.set(connectionName, new Map(lists.map((list) => [list.issuer, list])));
    if (isWorse) await this.#proveAgain(connectionName, signal);
  }

  /** Forgets all connections but those of these entries. */
  retain(entries: readonly RevocationUser[]): void {
    const connectionNames = new Set(entries.map(({ connection }) => connection.name));
    for (const name of this.#considered.keys()) if (!connectionNames.has(name)) this.#considered.delete(name);
  }

  async #proveAgain(connectionName: string, signal: AbortSignal | undefined): Promise<void> {
    const ids = [...(await this.#established(connectionName, signal))];
    for (let at = 0; at < ids.length; at += concurrent)
      await this.#proveSome(connectionName, new Set(ids.slice(at, at + concurrent)), signal);
  }

  async #proveSome(
    connectionName: string,
    ids: ReadonlySet<string>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { sas, pollMs, boundMs } = this.#options;
    for (const id of ids) await sas.reauthenticate(id, signal);
    const deadline = AbortSignal.timeout(boundMs);
    let left = ids;
    let idle = 0;
    while (left.size > 0 && idle < idleLooks && !deadline.aborted) {
      await sleep(pollMs, undefined, signal && { signal });
      const states = await sas.statesOf(connectionName, signal);
      left = new Set([...left].filter((id) => states.get(id) === 'ESTABLISHED'));
      const isUnderWay = [...states].some(([id, state]) => !left.has(id) && state !== 'ESTABLISHED');
      idle = isUnderWay ? 0 : idle + 1;
    }
    for (const id of left) await sas.end(id, signal);
  }

  async #established(connectionName: string, signal: AbortSignal | undefined): Promise<ReadonlySet<string>> {
    const states = await this.#options.sas.statesOf(connectionName, signal);
    return new Set([...states].flatMap(([id, state]) => (state === 'ESTABLISHED' ? [id] : [])));
  }
}
