import { setTimeout as sleep } from 'node:timers/promises';
import type { PolicyUuid, Trust } from '@esplanade/domain';
import type { ViciEvent } from '@esplanade/vici';
import { DatapathRefusedError, DatapathUnavailableError } from '../errors.ts';
import { IkeSaAges } from './ike-sa-ages.ts';
import { isPki, parseChildName } from './names.ts';
import { proveAgain, type RemoteProofOptions } from './remote-proofs.ts';
import { type KnownLists, knownLists, revokesMore } from './revoked-serials.ts';
import type { ListedIkeSa, SaControl } from './sa-control.ts';

/** What ends IKE SAs of revoked remotes. */
export interface RevokedRemotesOptions extends Omit<RemoteProofOptions, 'sas'> {
  readonly sas: RemoteProofOptions['sas'] & Pick<SaControl, 'ikeSas'>;
  /** How long news of other policies are waited for: 250 ms. */
  readonly firstPauseMs?: number;
  /** Between attempts while something is left to do: 500 ms, twice as long after each, 10 s at most. */
  readonly retryMs?: { readonly least: number; readonly most: number };
}

/** What counts of an entry. */
export interface RevocationUser {
  readonly policyUuid: PolicyUuid;
  readonly negotiation?: { readonly credentials?: { readonly trust: Pick<Trust, 'revocationLists'> } };
}

/**
 * Ends the IKE SAs of remotes that a newer list revokes. Charon does not tell whose certificate an IKE SA rests on, and
 * looks at lists only when a remote authenticates. So when the lists of a policy revoke any certificate that was not
 * revoked before, every IKE SA of the policy that began before charon had them has to go, whatever form of the policy
 * it came up for: its remote proves itself again (`proveAgain`), or loses it. That is a duty until it is done: it is
 * gone about in the background, what fails is tried again, and whoever has only just started has it for all lists.
 */
export class RevokedRemotes {
  readonly #options: RevokedRemotesOptions;
  /** The lists that all IKE SAs of each policy have been held against. */
  readonly #considered = new Map<PolicyUuid, KnownLists>();
  /** The lists that those of others have yet to be held against. */
  readonly #due = new Map<PolicyUuid, KnownLists>();
  readonly #ages = new IkeSaAges();
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: RevokedRemotesOptions) {
    this.#options = options;
  }

  /** Whether IKE SAs have yet to be held against lists. */
  get isUnderWay(): boolean {
    return this.#running !== undefined;
  }

  /** What the entry needs is loaded: its IKE SAs are held against its lists soon, if that is not done yet. */
  consider({ policyUuid, negotiation }: RevocationUser): void {
    const lists = knownLists(negotiation?.credentials?.trust.revocationLists ?? []);
    if (this.#due.get(policyUuid)?.digest === lists.digest) return;
    this.#due.delete(policyUuid);
    const before = this.#considered.get(policyUuid);
    if (before?.digest === lists.digest) return;
    if (!revokesMore(lists, before)) {
      this.#considered.set(policyUuid, lists);
      return;
    }
    this.#due.set(policyUuid, lists);
    if (!this.#closing.signal.aborted) this.#running ??= this.#run();
  }

  /** The policy is gone, and so are its IKE SAs. */
  forget(policyUuid: PolicyUuid): void {
    this.#due.delete(policyUuid);
    this.#considered.delete(policyUuid);
  }

  /** Charon may be another one by now, and what it told meanwhile is lost. */
  restarted(): void {
    this.#due.clear();
    this.#considered.clear();
    this.#ages.forget();
  }

  /** Takes in what charon tells of its SAs. */
  heard(event: ViciEvent): void {
    this.#ages.heard(event);
  }

  /** Ends what is under way; what is left is done after the next start. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { firstPauseMs = 250, retryMs = { least: 500, most: 10_000 } } = this.#options;
    let attempts = 0;
    while (this.#due.size > 0) {
      const retry = Math.min(retryMs.least * 2 ** (attempts - 1), retryMs.most);
      if (!(await this.#pause(attempts === 0 ? firstPauseMs : retry))) break;
      const due = new Map(this.#due);
      attempts = (await this.#attempt(due)) ? 0 : attempts + 1;
    }
    this.#running = undefined;
  }

  /** False if there is no going on. */
  async #pause(ms: number): Promise<boolean> {
    const { signal } = this.#closing;
    await sleep(ms, undefined, { signal, ref: false }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    return !signal.aborted;
  }

  /** True when nothing is left; what charon does not answer or refuses is tried again. */
  async #attempt(due: ReadonlyMap<PolicyUuid, KnownLists>): Promise<boolean> {
    const { sas, inForce } = this.#options;
    const { signal } = this.#closing;
    try {
      const listed = await sas.ikeSas(signal);
      this.#ages.listed(listed, new Set(due.values().map(({ digest }) => digest)));
      const users = Map.groupBy(inForce.values(), ({ connection }) => connection.name);
      const reasonsFor = (sa: ListedIkeSa): readonly PolicyUuid[] => this.#reasonsFor(sa, due, users);
      await proveAgain(
        listed.filter((sa) => reasonsFor(sa).length > 0),
        this.#options,
        signal,
      );
      const left = new Set((await sas.ikeSas(signal)).flatMap(reasonsFor));
      for (const [policyUuid, lists] of due) if (!left.has(policyUuid)) this.#done(policyUuid, lists);
      this.#ages.retain(
        new Set([...this.#due.values(), ...this.#considered.values()].map(({ digest }) => digest)),
      );
      return left.size === 0;
    } catch (error) {
      if (
        signal.aborted ||
        error instanceof DatapathUnavailableError ||
        error instanceof DatapathRefusedError
      )
        return false;
      throw error;
    }
  }

  #done(policyUuid: PolicyUuid, lists: KnownLists): void {
    if (this.#due.get(policyUuid) !== lists) return;
    this.#due.delete(policyUuid);
    this.#considered.set(policyUuid, lists);
  }

  /**
   * The policies because of which an IKE SA has to go: it began before charon had their lists. One without CHILD SAs
   * may be of any policy that has its connection, or of any at all if none has.
   */
  #reasonsFor(
    { id, connectionName, childNames }: ListedIkeSa,
    due: ReadonlyMap<PolicyUuid, KnownLists>,
    users: ReadonlyMap<string, readonly Pick<RevocationUser, 'policyUuid'>[]>,
  ): readonly PolicyUuid[] {
    if (!isPki(connectionName)) return [];
    const policies = childNames.flatMap((name) => parseChildName(name)?.policyUuid ?? []);
    const sharing = users.get(connectionName)?.map(({ policyUuid }) => policyUuid) ?? [];
    const concerned = new Set([...policies, ...sharing]);
    return [...(concerned.size === 0 ? due.keys() : concerned)].filter((policyUuid) => {
      const lists = due.get(policyUuid);
      return lists !== undefined && this.#ages.isOlder(id, lists.digest);
    });
  }
}
