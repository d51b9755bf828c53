import type { PolicyUuid } from '@esplanade/domain';
import type { InstalledEntry } from '../datapath.ts';
import { DatapathUnavailableError } from '../errors.ts';
import { Certificates } from './certificates.ts';
import type { Charon } from './charon.ts';
import type { CharonHoldings, HeldChild } from './charon-holdings.ts';
import type { CompiledEntry } from './connection-mapping.ts';
import {
  allDone,
  blockOf,
  byConnection,
  enforceAll,
  formOf,
  heldChildren,
  missingIn,
  notInForce,
  succeeding,
  withChildren,
} from './entry-parts.ts';
import { installedRows } from './installed-rows.ts';
import type { KeyRings } from './key-rings.ts';
import { isListedOtherwise } from './listed-connection.ts';
import { collect, type Failures, lotsOf, narrowingDown } from './lots.ts';
import { isBlock, isPostquantumRing, lastingName, parseChildName } from './names.ts';
import { PostquantumKeys } from './postquantum-keys.ts';
import { type LoadableConnection, markedForGuard, neighbourDiscoveryConnection } from './shunt-mapping.ts';

/** Charon's time for a key goes by in waiting, unless several are on their way. */
const concurrentKeys = 3;

/** What was taken out of charon's configuration, and whose SAs are therefore to go. */
export interface Retired {
  readonly children: readonly HeldChild[];
  /** Connections that are gone altogether, so that none of their SAs has a use left. */
  readonly connections: ReadonlySet<string>;
}

/**
 * Loads entries into charon and takes them out again, in the order that lets nothing out in clear: block, secret, new
 * form, and only then away with the old form. Knows no SAs. Callers take turns: nothing here may run twice at once.
 */
export class Installer {
  readonly #main: Charon;
  /** Who holds the blocks: the guard, or charon itself where there is none. */
  readonly #blocks: Charon;
  /** Forms we can load again beside a newcomer: charon gives settings back only in part. */
  readonly #forms = new Map<string, CompiledEntry>();
  readonly #rings: KeyRings;
  readonly #postquantumKeys: PostquantumKeys;
  readonly #certificates: Certificates;
  /** A form of each lasting name. */
  readonly #likenesses = new Map<string, CompiledEntry>();
  /** Rings of which every key was exchanged at once, so that the SAs they proved are to go. */
  readonly #replacedRings = new Set<string>();
  /** Subjects of certificates of connections taken out whose forms we did not know, and so not their keys. */
  readonly #strangers = new Set<string>();
  #knowsSiblings = false;

  constructor(main: Charon, guard: Charon | undefined, rings: KeyRings) {
    this.#main = main;
    this.#rings = rings;
    this.#postquantumKeys = new PostquantumKeys(main);
    this.#certificates = new Certificates(main);
    this.#blocks = guard ?? main;
  }

  /** Every form that we have loaded or were told of. */
  get forms(): ReadonlyMap<string, CompiledEntry> {
    return this.#forms;
  }

  /** Whether these children, of one connection, are of entries with a post-quantum key. */
  requiresPostquantum(childNames: Iterable<string>): boolean {
    const [childName = ''] = childNames;
    return this.#forms.get(childName)?.negotiation?.postquantum !== undefined;
  }

  /** The policies of which some form has a post-quantum key. */
  postquantumPolicies(): ReadonlySet<PolicyUuid> {
    return this.#postquantumKeys.policies();
  }

  /** What is installed of ours. `namesOfSas`: of the children whose SAs are to go unless the child is loaded. */
  async rows(
    main: CharonHoldings,
    blocks: CharonHoldings,
    namesOfSas: Iterable<string>,
    signal?: AbortSignal,
  ): Promise<readonly InstalledEntry[]> {
    await this.#certificates.survey(signal);
    return installedRows(main, blocks, this.#forms, namesOfSas, ({ negotiation }) => {
      const credentials = negotiation?.credentials;
      return credentials === undefined || this.#certificates.areLoaded(credentials);
    });
  }

  /** Revocation lists that charon was given and does not hold, as last listed. */
  unheldRevocationLists(): ReadonlySet<string> {
    return this.#certificates.unheldLists();
  }

  /** The form of a child's name, or one that differs only in what an SA may keep: anti-replay window and certificates. */
  formLike(childName: string): CompiledEntry | undefined {
    return this.#forms.get(childName) ?? this.#likenesses.get(lastingName(childName));
  }

  /**
   * Takes note of all entries there are. Children in shared connections that are not among them have no use any more:
   * they go when their connection is next loaded.
   */
  learn(entries: readonly CompiledEntry[]): void {
    for (const entry of entries) this.#note(entry);
    this.#knowsSiblings = true;
  }

  /** Loads the bypasses for neighbour discovery, without which IPv6 would not get as far as IKE. */
  async bringInNeighbourDiscovery(charon: Charon, signal?: AbortSignal): Promise<void> {
    const connection = this.#asTakenBy(charon, neighbourDiscoveryConnection());
    const holdings = await charon.holdings(signal);
    const held = holdings.childrenOf(connection.name);
    const children = heldChildren(connection);
    this.#verify(charon, connection);
    const isHeld = children.every(({ childName }) => held.has(childName));
    if (!isHeld || holdings.isDoubted(connection.name)) await charon.load([connection], signal);
    for (const child of children) {
      if (!holdings.isInForce(connection.name, child.childName)) await charon.enforce(child, signal);
    }
  }

  /** Puts entries in force beside whatever is there. The result names those that charon refused, and why. */
  async bringIn(
    entries: readonly CompiledEntry[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<PolicyUuid, Error>> {
    const failures: Failures = new Map();
    for (const charon of new Set([this.#main, this.#blocks])) {
      await this.bringInNeighbourDiscovery(charon, signal);
    }
    for (const entry of entries) {
      this.#note(entry);
      this.#verifyEntry(entry);
    }
    const forms = await missingIn(this.#main, entries, formOf, signal);
    const blocks = await missingIn(this.#blocks, entries, blockOf, signal);
    let ready: readonly CompiledEntry[] = [];
    // The guard is a daemon of its own, and charon has threads: blocks and keys of a lot go in beside what lies on the
    // last.
    for (const lot of [...lotsOf(byConnection(entries).values()), []]) {
      await allDone(
        this.#placeForms(ready, failures, signal),
        this.#placeBlocks(lot, failures, signal),
        this.#loadKeys(lot, failures, signal),
      );
      ready = succeeding(lot, failures);
    }
    await this.#confirm(succeeding(blocks, failures), succeeding(forms, failures), failures, signal);
    for (const entry of entries) {
      if (failures.has(entry.policyUuid)) await this.#forgetUnlessHeld(entry, signal);
    }
    return failures;
  }

  /**
   * Holds what was last listed against every form that we know: what differs is in doubt, so that it is loaded again.
   * Whether something is that was not.
   */
  verify(): boolean {
    let isNew = false;
    for (const entry of this.#forms.values()) if (this.#verifyEntry(entry)) isNew = true;
    for (const charon of new Set([this.#main, this.#blocks])) {
      if (this.#verify(charon, neighbourDiscoveryConnection())) isNew = true;
      charon.lastKnown?.forgetListed();
    }
    return isNew;
  }

  /** Takes every form of the policy out of charon but the one to keep. Blocks stay. */
  async retire(policyUuid: PolicyUuid, keep: string | undefined, signal?: AbortSignal): Promise<Retired> {
    const holdings = await this.#main.holdings(signal);
    const children = holdings
      .childrenOfPolicy(policyUuid)
      .filter(({ connectionName, childName }) => childName !== keep && !isBlock(connectionName));
    const retired = await this.#takeOut(children, signal);
    if (keep === undefined) await this.#retireStrangersKeys(signal);
    return retired;
  }

  /** Unloads the keys that no entry accepts any more, of one ring or of all. */
  async retireKeys(ringName?: string, signal?: AbortSignal): Promise<void> {
    const names = ringName === undefined ? (await this.#main.holdings(signal)).ringNames() : [ringName];
    for (const name of names) {
      if (isPostquantumRing(name)) await this.#postquantumKeys.prune(name, signal);
      else await this.#rings.prune(name, signal);
    }
    if (ringName === undefined) await this.#retireStrangersKeys(signal);
  }

  /** Whether all keys of a ring were exchanged at once since this was last asked. */
  takeReplaced(ringName: string): boolean {
    return this.#replacedRings.delete(ringName);
  }

  /** Takes every block of the policy away but the one to keep, wherever it lies. */
  async retireBlocks(
    policyUuid: PolicyUuid,
    keep: CompiledEntry | undefined,
    signal?: AbortSignal,
  ): Promise<void> {
    for (const charon of new Set([this.#main, this.#blocks])) {
      const kept = charon === this.#blocks ? keep?.block?.name : undefined;
      for (const { connectionName } of (await charon.holdings(signal)).childrenOfPolicy(policyUuid)) {
        if (isBlock(connectionName) && connectionName !== kept) await charon.unload(connectionName, signal);
      }
    }
  }

  #verifyEntry({ connection, block }: CompiledEntry): boolean {
    const isFormNew = this.#verify(this.#main, connection);
    return (block !== undefined && this.#verify(this.#blocks, block)) || isFormNew;
  }

  #verify(charon: Charon, connection: LoadableConnection): boolean {
    const listed = charon.lastKnown?.listed(connection.name);
    if (listed === undefined || charon.lastKnown?.isDoubted(connection.name)) return false;
    if (!isListedOtherwise(listed, connection)) return false;
    charon.doubt(connection.name);
    return true;
  }

  #asTakenBy(charon: Charon, connection: LoadableConnection): LoadableConnection {
    return charon === this.#main ? connection : markedForGuard(connection);
  }

  async #placeBlocks(
    lot: readonly CompiledEntry[],
    failures: Failures,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const missing = await missingIn(this.#blocks, lot, blockOf, signal);
    await narrowingDown(missing, failures, (entries) =>
      this.#blocks.load(
        entries.flatMap(({ block }) => (block === undefined ? [] : [this.#asTakenBy(this.#blocks, block)])),
        signal,
      ),
    );
    await enforceAll(this.#blocks, lot, blockOf, failures, signal);
  }

  async #loadKeys(
    lot: readonly CompiledEntry[],
    failures: Failures,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const users = Map.groupBy(lot, ({ negotiation }) => negotiation?.ring?.name).entries();
    const worker = async (): Promise<void> => {
      for (const [ringName, entries] of users) {
        if (ringName === undefined) continue;
        await collect(failures, entries, async () => {
          if (await this.#rings.load(ringName, signal)) this.#replacedRings.add(ringName);
        });
        for (const entry of entries) {
          const postquantum = entry.negotiation?.postquantum;
          if (postquantum === undefined) continue;
          await collect(failures, [entry], () => this.#postquantumKeys.load(postquantum, signal));
        }
      }
    };
    await allDone(...Array.from({ length: concurrentKeys }, worker));
    for (const entry of lot) {
      const credentials = entry.negotiation?.credentials;
      if (credentials === undefined) continue;
      await collect(failures, [entry], () => this.#certificates.load(credentials, signal));
    }
  }

  async #placeForms(
    lot: readonly CompiledEntry[],
    failures: Failures,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const holdings = await this.#main.holdings(signal);
    const missing = await missingIn(this.#main, lot, formOf, signal);
    await narrowingDown(missing, failures, (entries) =>
      this.#main.load(
        [...byConnection(entries)].flatMap(([name, newcomers]) => {
          const forms = [...this.#formsOf(name, [...holdings.childrenOf(name)]), ...newcomers];
          return newcomers.slice(0, 1).map(({ connection }) => withChildren(connection, forms));
        }),
        signal,
      ),
    );
    await enforceAll(this.#main, lot, formOf, failures, signal);
  }

  /** Asks what of the newly loaded is really in force, and takes the rest out again, so that a retry tries anew. */
  async #confirm(
    blocks: readonly CompiledEntry[],
    forms: readonly CompiledEntry[],
    failures: Failures,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const fail = ({ childName }: HeldChild): void => {
      const policyUuid = parseChildName(childName)?.policyUuid;
      if (policyUuid !== undefined) failures.set(policyUuid, notInForce());
    };
    const [idleBlocks, idleForms] = await allDone(
      this.#blocks.idleAmong(blocks.flatMap(blockOf), signal),
      this.#main.idleAmong(forms.flatMap(formOf), signal),
    );
    for (const idle of idleBlocks) {
      await this.#blocks.unload(idle.connectionName, signal);
      fail(idle);
    }
    for (const idle of idleForms) {
      await this.#takeOut([idle], signal);
      fail(idle);
    }
  }

  async #takeOut(children: readonly HeldChild[], signal: AbortSignal | undefined): Promise<Retired> {
    const connections = new Set<string>();
    for (const [name, leaving] of Map.groupBy(children, ({ connectionName }) => connectionName)) {
      const holdings = await this.#main.holdings(signal);
      const gone = new Set(leaving.map(({ childName }) => childName));
      const staying = [...holdings.childrenOf(name)].filter((childName) => !gone.has(childName));
      const remaining = this.#formsOf(name, staying);
      const [first] = remaining;
      if (first === undefined) {
        if (![...gone].every((childName) => this.#forms.has(childName)))
          for (const subject of holdings.subjectsOf(name)) this.#strangers.add(subject);
        await this.#main.unload(name, signal);
        connections.add(name);
      } else {
        await this.#main.load([withChildren(first.connection, remaining)], signal);
      }
      for (const childName of gone) await this.#forget(childName, signal);
    }
    return { children, connections };
  }

  /** As a purge does: the subject is all that charon tells of the certificate of a connection. */
  async #retireStrangersKeys(signal: AbortSignal | undefined): Promise<void> {
    if (!this.#knowsSiblings) return;
    for (const keyId of await this.#main.keysOf(this.#strangers, signal))
      await this.#certificates.prune(keyId, signal);
    this.#strangers.clear();
  }

  #note(entry: CompiledEntry): void {
    this.#forms.set(entry.childName, entry);
    this.#rings.note(entry);
    this.#postquantumKeys.note(entry);
    this.#certificates.note(entry);
    this.#likenesses.set(lastingName(entry.childName), entry);
  }

  async #forgetUnlessHeld(entry: CompiledEntry, signal: AbortSignal | undefined): Promise<void> {
    const holdings = await this.#main.holdings(signal);
    if (!holdings.childrenOf(entry.connection.name).has(entry.childName))
      await this.#forget(entry.childName, signal);
  }

  async #forget(childName: string, signal: AbortSignal | undefined): Promise<void> {
    const ring = this.#rings.ringOf(childName);
    this.#forms.delete(childName);
    if (this.#likenesses.get(lastingName(childName))?.childName === childName)
      this.#likenesses.delete(lastingName(childName));
    this.#rings.forget(childName);
    if (ring !== undefined) await this.#rings.prune(ring, signal);
    const keyId = this.#certificates.forget(childName);
    if (keyId !== undefined) await this.#certificates.prune(keyId, signal);
    const postquantumRing = this.#postquantumKeys.forget(childName);
    if (postquantumRing !== undefined) await this.#postquantumKeys.prune(postquantumRing, signal);
  }

  #formsOf(connectionName: string, childNames: readonly string[]): readonly CompiledEntry[] {
    return childNames.flatMap((childName) => {
      const form = this.#forms.get(childName);
      if (form === undefined && !this.#knowsSiblings) {
        throw new DatapathUnavailableError(
          `connection ${connectionName} has children not known yet: everything desired must be installed first`,
        );
      }
      return form ?? [];
    });
  }
}
