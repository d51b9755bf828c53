import type { PolicyUuid } from '@esplanade/domain';
import { DatapathRefusedError, DatapathUnavailableError } from '../errors.ts';
import type { Charon } from './charon.ts';
import type { HeldChild } from './charon-holdings.ts';
import type { CompiledEntry } from './connection-mapping.ts';
import type { KeyRings } from './key-rings.ts';
import { collect, type Failures, lotsOf, narrowingDown } from './lots.ts';
import { isBlock, parseChildName } from './names.ts';
import { type LoadableConnection, markedForGuard, neighbourDiscoveryConnection } from './shunt-mapping.ts';

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
  /** Rings of which every key was exchanged at once, so that the SAs they proved are to go. */
  readonly #replacedRings = new Set<string>();
  #knowsSiblings = false;

  constructor(main: Charon, guard: Charon | undefined, rings: KeyRings) {
    this.#main = main;
    this.#rings = rings;
    this.#blocks = guard ?? main;
  }

  /** Every form that we have loaded or were told of. */
  get forms(): ReadonlyMap<string, CompiledEntry> {
    return this.#forms;
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
    if (!children.every(({ childName }) => held.has(childName))) await charon.load([connection], signal);
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
    for (const entry of entries) this.#note(entry);
    // The guard is a daemon of its own: it takes the blocks while charon takes the keys.
    const [blocks] = await bothDone(
      this.#placeBlocks(entries, failures, signal),
      this.#loadKeys(entries, failures, signal),
    );
    const forms = await this.#placeForms(succeeding(entries, failures), failures, signal);
    await this.#confirm(succeeding(blocks, failures), succeeding(forms, failures), failures, signal);
    for (const entry of entries) {
      if (failures.has(entry.policyUuid)) await this.#forgetUnlessHeld(entry, signal);
    }
    return failures;
  }

  /** Takes every form of the policy out of charon but the one to keep. Blocks stay. */
  async retire(policyUuid: PolicyUuid, keep: string | undefined, signal?: AbortSignal): Promise<Retired> {
    const holdings = await this.#main.holdings(signal);
    const children = holdings
      .childrenOfPolicy(policyUuid)
      .filter(({ connectionName, childName }) => childName !== keep && !isBlock(connectionName));
    return this.#takeOut(children, signal);
  }

  /** Unloads the keys that no entry accepts any more, of one ring or of all. */
  async retireKeys(ringName?: string, signal?: AbortSignal): Promise<void> {
    const names = ringName === undefined ? (await this.#main.holdings(signal)).ringNames() : [ringName];
    for (const name of names) await this.#rings.prune(name, signal);
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

  #asTakenBy(charon: Charon, connection: LoadableConnection): LoadableConnection {
    return charon === this.#main ? connection : markedForGuard(connection);
  }

  /** Loads the blocks that are missing and returns the entries they were to lie beneath. */
  async #placeBlocks(
    entries: readonly CompiledEntry[],
    failures: Failures,
    signal: AbortSignal | undefined,
  ): Promise<readonly CompiledEntry[]> {
    const holdings = await this.#blocks.holdings(signal);
    const isHeld = ({ connectionName, childName }: HeldChild): boolean =>
      holdings.childrenOf(connectionName).has(childName);
    const missing = entries.filter(({ block }) => !heldChildren(block).every(isHeld));
    const load = (lot: readonly CompiledEntry[]): Promise<void> =>
      this.#blocks.load(
        lot.flatMap(({ block }) => (block === undefined ? [] : [this.#asTakenBy(this.#blocks, block)])),
        signal,
      );
    for (const lot of lotsOf(missing.map((entry) => [entry]))) await narrowingDown(lot, failures, load);
    await enforceAll(this.#blocks, entries, ({ block }) => heldChildren(block), failures, signal);
    return missing;
  }

  /** Loads the keys that are missing, before anything that needs them. */
  async #loadKeys(
    entries: readonly CompiledEntry[],
    failures: Failures,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    for (const [ringName, users] of Map.groupBy(entries, ({ negotiation }) => negotiation?.ring.name)) {
      if (ringName === undefined) continue;
      await collect(failures, users, async () => {
        if (await this.#rings.load(ringName, signal)) this.#replacedRings.add(ringName);
      });
    }
  }

  /** Loads the forms that are missing and returns their entries. */
  async #placeForms(
    entries: readonly CompiledEntry[],
    failures: Failures,
    signal: AbortSignal | undefined,
  ): Promise<readonly CompiledEntry[]> {
    const holdings = await this.#main.holdings(signal);
    const missing = entries.filter(
      ({ connection, childName }) => !holdings.childrenOf(connection.name).has(childName),
    );
    const load = (lot: readonly CompiledEntry[]): Promise<void> =>
      this.#main.load(
        [...byConnection(lot)].flatMap(([name, newcomers]) => {
          const forms = [...this.#formsOf(name, [...holdings.childrenOf(name)]), ...newcomers];
          return newcomers.slice(0, 1).map(({ connection }) => withChildren(connection, forms));
        }),
        signal,
      );
    for (const lot of lotsOf([...byConnection(missing).values()])) await narrowingDown(lot, failures, load);
    await enforceAll(this.#main, entries, (entry) => [heldChild(entry)], failures, signal);
    return missing;
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
    const blockChildren = blocks.flatMap(({ block }) => heldChildren(block));
    const [idleBlocks, idleForms] = await bothDone(
      this.#blocks.idleAmong(blockChildren, signal),
      this.#main.idleAmong(forms.map(heldChild), signal),
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
        await this.#main.unload(name, signal);
        connections.add(name);
      } else {
        await this.#main.load([withChildren(first.connection, remaining)], signal);
      }
      for (const childName of gone) await this.#forget(childName, signal);
    }
    return { children, connections };
  }

  #note(entry: CompiledEntry): void {
    this.#forms.set(entry.childName, entry);
    this.#rings.note(entry);
  }

  async #forgetUnlessHeld(entry: CompiledEntry, signal: AbortSignal | undefined): Promise<void> {
    const holdings = await this.#main.holdings(signal);
    if (!holdings.childrenOf(entry.connection.name).has(entry.childName))
      await this.#forget(entry.childName, signal);
  }

  async #forget(childName: string, signal: AbortSignal | undefined): Promise<void> {
    const ring = this.#rings.ringOf(childName);
    this.#forms.delete(childName);
    this.#rings.forget(childName);
    if (ring !== undefined) await this.#rings.prune(ring, signal);
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

/** Entries by the name of their connection. */
function byConnection(entries: readonly CompiledEntry[]): ReadonlyMap<string, readonly CompiledEntry[]> {
  return Map.groupBy(entries, ({ connection }) => connection.name);
}

/** The entries of policies that have not failed. */
function succeeding(
  entries: readonly CompiledEntry[],
  failures: ReadonlyMap<PolicyUuid, Error>,
): readonly CompiledEntry[] {
  return entries.filter(({ policyUuid }) => !failures.has(policyUuid));
}

/** Puts in force what is loaded of these entries and is not. */
async function enforceAll(
  charon: Charon,
  entries: readonly CompiledEntry[],
  childrenOf: (entry: CompiledEntry) => readonly HeldChild[],
  failures: Failures,
  signal: AbortSignal | undefined,
): Promise<void> {
  const holdings = await charon.holdings(signal);
  for (const entry of succeeding(entries, failures)) {
    for (const child of childrenOf(entry)) {
      if (holdings.isInForce(child.connectionName, child.childName)) continue;
      await collect(failures, [entry], () => charon.enforce(child, signal));
    }
  }
}

/** Waits for both even if one fails: neither may go on behind its caller's back. */
async function bothDone<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return Promise.all([a, b]);
}

function heldChildren(connection: LoadableConnection | undefined): readonly HeldChild[] {
  if (connection === undefined) return [];
  return Object.keys(connection.children).map((childName) => ({
    connectionName: connection.name,
    childName,
  }));
}

function heldChild({ connection, childName }: CompiledEntry): HeldChild {
  return { connectionName: connection.name, childName };
}

function withChildren(connection: LoadableConnection, forms: readonly CompiledEntry[]): LoadableConnection {
  return {
    ...connection,
    children: Object.fromEntries(forms.map(({ childName, child }) => [childName, child])),
  };
}

function notInForce(): Error {
  return new DatapathRefusedError(
    'charon could not put the policy into the kernel; its log says why (look for "installing trap failed")',
  );
}
