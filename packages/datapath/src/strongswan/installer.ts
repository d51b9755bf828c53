import type { PolicyUuid } from '@esplanade/domain';
import { DatapathRefusedError, DatapathUnavailableError } from '../errors.ts';
import type { Charon } from './charon.ts';
import type { HeldChild } from './charon-holdings.ts';
import type { CompiledEntry } from './connection-mapping.ts';
import type { KeyRings } from './key-rings.ts';
import { isBlock, parseChildName } from './names.ts';
import { type LoadableConnection, markedForGuard, neighbourDiscoveryConnection } from './shunt-mapping.ts';

/** What was taken out of charon's configuration, and whose SAs are therefore to go. */
export interface Retired {
  readonly children: readonly HeldChild[];
  /** Connections that are gone altogether, so that none of their SAs has a use left. */
  readonly connections: ReadonlySet<string>;
}

type Failures = Map<PolicyUuid, Error>;

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
    await placeShunt(charon, this.#asTakenBy(charon, neighbourDiscoveryConnection()), signal);
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
    const blocks: CompiledEntry[] = [];
    const forms: CompiledEntry[] = [];
    const placeAll = async (groups: readonly (readonly CompiledEntry[])[]): Promise<void> => {
      for (const group of groups) {
        const placeable = group.filter(({ policyUuid }) => !failures.has(policyUuid));
        forms.push(...(await this.#placeGroup(placeable, failures, signal)));
      }
    };
    let blocked: readonly (readonly CompiledEntry[])[] = [];
    for (const batch of batchesOf([...Map.groupBy(entries, ({ connection }) => connection.name).values()])) {
      // The guard is a daemon of its own: it takes the blocks of this batch while charon takes what lies on the last.
      await bothDone(
        placeAll(blocked),
        this.#placeBlocks(batch.flat(), failures, signal).then((placed) => blocks.push(...placed)),
      );
      blocked = batch;
    }
    await placeAll(blocked);
    await this.#confirm(blocks, forms, failures, signal);
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

  /** Loads the blocks that are missing and returns the entries they lie beneath. */
  async #placeBlocks(
    entries: readonly CompiledEntry[],
    failures: Failures,
    signal: AbortSignal | undefined,
  ): Promise<readonly CompiledEntry[]> {
    const placed: CompiledEntry[] = [];
    for (const entry of entries) {
      const { policyUuid, block } = entry;
      if (block === undefined) continue;
      await collect(failures, policyUuid, async () => {
        if (await placeShunt(this.#blocks, this.#asTakenBy(this.#blocks, block), signal)) placed.push(entry);
      });
    }
    return placed;
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
    for (const idle of await this.#blocks.idleAmong(blockChildren, signal)) {
      await this.#blocks.unload(idle.connectionName, signal);
      fail(idle);
    }
    for (const idle of await this.#main.idleAmong(forms.map(heldChild), signal)) {
      await this.#takeOut([idle], signal);
      fail(idle);
    }
  }

  /** Loads what is missing of one connection and returns it. When charon refuses the lot, finds out which it is. */
  async #placeGroup(
    group: readonly CompiledEntry[],
    failures: Failures,
    signal: AbortSignal | undefined,
  ): Promise<readonly CompiledEntry[]> {
    try {
      return await this.#place(group, signal);
    } catch (error) {
      if (!(error instanceof DatapathRefusedError)) throw error;
    }
    const loaded: CompiledEntry[] = [];
    for (const entry of group) {
      await collect(failures, entry.policyUuid, async () => {
        loaded.push(...(await this.#place([entry], signal)));
      });
      if (failures.has(entry.policyUuid)) await this.#forgetUnlessHeld(entry, signal);
    }
    return loaded;
  }

  async #place(
    group: readonly CompiledEntry[],
    signal: AbortSignal | undefined,
  ): Promise<readonly CompiledEntry[]> {
    const [first] = group;
    if (first === undefined) return [];
    const { connection, negotiation } = first;
    const holdings = await this.#main.holdings(signal);
    for (const entry of group) this.#note(entry);
    if (negotiation !== undefined && (await this.#rings.load(negotiation.ring.name, signal))) {
      this.#replacedRings.add(negotiation.ring.name);
    }
    const held = holdings.childrenOf(connection.name);
    const newcomers = group.filter(({ childName }) => !held.has(childName));
    if (newcomers.length > 0) {
      const forms = [...this.#formsOf(connection.name, [...held]), ...newcomers];
      await this.#main.load(withChildren(connection, forms), signal);
    }
    for (const entry of group) {
      if (!holdings.isInForce(connection.name, entry.childName))
        await this.#main.enforce(heldChild(entry), signal);
    }
    return newcomers;
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
        await this.#main.load(withChildren(first.connection, remaining), signal);
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

/** Loads what is missing of a shunt connection; whether anything was. */
async function placeShunt(
  charon: Charon,
  connection: LoadableConnection,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const holdings = await charon.holdings(signal);
  const held = holdings.childrenOf(connection.name);
  const childNames = Object.keys(connection.children);
  if (!childNames.every((childName) => held.has(childName))) {
    await charon.load(connection, signal);
    return true;
  }
  for (const childName of childNames) {
    const child = { connectionName: connection.name, childName };
    if (!holdings.isInForce(connection.name, childName)) await charon.enforce(child, signal);
  }
  return false;
}

async function collect(failures: Failures, policyUuid: PolicyUuid, task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (error) {
    if (!(error instanceof DatapathRefusedError)) throw error;
    failures.set(policyUuid, error);
  }
}

/** Few enough that both daemons are soon at work, many enough that neither waits often. */
const batchSize = 64;

function* batchesOf<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += batchSize) yield items.slice(start, start + batchSize);
}

/** Waits for both even if one fails: neither may go on behind its caller's back. */
async function bothDone(...tasks: readonly Promise<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(tasks)) if (result.status === 'rejected') throw result.reason;
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
