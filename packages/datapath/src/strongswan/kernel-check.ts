import type { PolicyUuid } from '@esplanade/domain';
import { DatapathUnavailableError } from '../errors.ts';
import { KernelReaderClient } from '../kernel/kernel-reader-client.ts';
import type { KernelTable } from '../kernel/protocol.ts';
import type { KernelDifferences, KernelReport } from '../kernel-report.ts';
import type { Charon } from './charon.ts';
import type { HeldChild } from './charon-holdings.ts';
import { DeadSas } from './dead-sas.ts';
import type { EntriesInForce } from './entries-in-force.ts';
import type { Installer } from './installer.ts';
import { missingInKernel } from './kernel-expectations.ts';
import { parseChildName } from './names.ts';
import { PutBackAttempts } from './put-back-attempts.ts';
import type { SaControl } from './sa-control.ts';
import type { SaObserver } from './sa-observer.ts';
import {
  type ChildSettings,
  type LoadableConnection,
  markedForGuard,
  neighbourDiscoveryConnection,
} from './shunt-mapping.ts';

/** What is told of as changed is looked at after this: charon tells us of its own end meanwhile. */
const settleMs = 300;
/** Looked at without cause: what happened while the reader began to listen would else stay unseen. */
const idleLookMs = 30_000;
const retryMs = 1_000;
/** Where much changes and many policies are to be read, reading takes at most half of the time. */
const restFactor = 3;
const usualRestMs = 1_000;

/** What the check works on. */
export interface KernelCheckOptions {
  readonly socketPath: string;
  readonly main: Charon;
  /** Who holds the blocks: the guard, or charon itself. */
  readonly blocks: Charon;
  readonly installer: Installer;
  /** Whose SAs are brought back. */
  readonly inForce: EntriesInForce;
  readonly observer: SaObserver;
  readonly sas: SaControl;
  /** Whether charon and its guard are known to answer. */
  readonly isUp: () => boolean;
  /** Runs a task when nobody is changing what charon holds. */
  readonly inTurn: (task: () => Promise<void>) => Promise<void>;
  /** Something of these policies was not in the kernel. It has been put there. */
  readonly onFound: () => void;
  /**
   * Bypasses that every policy rests on were not in the kernel. They have been put there; told once for all of a look.
   */
  readonly onImplied: () => void;
  /** An SA of the policy was not in the kernel any more. */
  readonly onDeadSa: (policyUuid: PolicyUuid) => void;
}

interface EnforcedChild extends HeldChild {
  readonly charon: Charon;
  readonly settings: ChildSettings;
}

/**
 * Compares what charon believes to have in the kernel with what a kernel reader says is there, and puts back what
 * somebody took away: charon itself does not notice. Blocks come first, so that what lies above them may be taken out
 * and put in again without anything leaving in clear.
 */
export class KernelCheck {
  readonly #options: KernelCheckOptions;
  readonly #client: KernelReaderClient;
  readonly #dueMs = new Map<KernelTable, number>();
  readonly #attempts = new PutBackAttempts();
  readonly #deadSas: DeadSas;
  /** Policies that lacked something and have not been installed since. */
  readonly #lacking = new Set<PolicyUuid>();
  readonly #missing = new Map<KernelTable, number>();
  #differences: KernelDifferences = { policies: 0, securityAssociations: 0 };
  #observedAtMs: number | undefined;
  #trouble: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking = Promise.resolve();
  #policiesRestUntilMs = 0;
  #isClosed = false;

  constructor(options: KernelCheckOptions) {
    this.#options = options;
    const { inForce, observer, sas, onDeadSa } = options;
    const onDead = (policyUuid: PolicyUuid): void => {
      const { securityAssociations, ...others } = this.#differences;
      this.#differences = { ...others, securityAssociations: securityAssociations + 1 };
      onDeadSa(policyUuid);
    };
    this.#deadSas = new DeadSas({ inForce, observer, sas, onDead });
    this.#client = new KernelReaderClient({
      socketPath: options.socketPath,
      onReached: () => {
        this.#lookIn('policies', 0);
        this.#lookIn('states', 0);
      },
      onChanged: (table) => this.#lookIn(table, settleMs),
    });
  }

  /** How the comparison stands. Never asks. */
  report(): KernelReport {
    const differences = this.#differences;
    if (!this.#client.isReached)
      return {
        kind: 'unchecked',
        reason: `no kernel reader answers at ${this.#options.socketPath}`,
        differences,
      };
    if (this.#trouble !== undefined) return { kind: 'unchecked', reason: this.#trouble, differences };
    if (this.#observedAtMs === undefined)
      return { kind: 'unchecked', reason: 'the kernel has not been looked at yet', differences };
    const missing = [...this.#missing.values()].reduce((sum, count) => sum + count, 0);
    return { kind: 'checked', observedAtMs: this.#observedAtMs, missing, differences };
  }

  /** Whether the kernel lacked something of the policy, and it has not been installed since. */
  isLacking(policyUuid: PolicyUuid): boolean {
    return this.#lacking.has(policyUuid);
  }

  /**
   * The policy has been installed again. Throws DatapathRefusedError when the kernel goes on lacking it although it was
   * put there again and again.
   */
  installed(policyUuid: PolicyUuid): void {
    this.#attempts.throwIfInVain(policyUuid);
    this.#lacking.delete(policyUuid);
  }

  /** The policy is removed. */
  gone(policyUuid: PolicyUuid): void {
    this.#lacking.delete(policyUuid);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#client.close();
    await this.#looking;
  }

  #lookIn(table: KernelTable, delayMs: number): void {
    const dueMs = performance.now() + delayMs;
    this.#dueMs.set(table, Math.min(dueMs, this.#dueMs.get(table) ?? dueMs));
    this.#setTimer();
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    if (this.#isClosed || this.#dueMs.size === 0) return;
    const dueMs = Math.min(...[...this.#dueMs].map((one) => this.#mayLookMs(...one)));
    const wake = (): void => {
      this.#looking = this.#looking.then(() => this.#look());
    };
    this.#timer = setTimeout(wake, Math.max(0, Math.ceil(dueMs - performance.now()))).unref();
  }

  #mayLookMs(table: KernelTable, dueMs: number): number {
    return table === 'policies' ? Math.max(dueMs, this.#policiesRestUntilMs) : dueMs;
  }

  async #look(): Promise<void> {
    if (this.#isClosed || !this.#client.isReached) return;
    const beganMs = performance.now();
    const tables = [...this.#dueMs].flatMap(([table, dueMs]) =>
      this.#mayLookMs(table, dueMs) <= beganMs ? [table] : [],
    );
    for (const table of tables) this.#dueMs.delete(table);
    if (tables.length === 0) return this.#setTimer();
    try {
      if (!this.#options.isUp()) throw new DatapathUnavailableError('charon or its guard does not answer');
      for (const table of tables) await (table === 'policies' ? this.#lookAtPolicies() : this.#lookAtSas());
      this.#trouble = undefined;
      this.#observedAtMs = Date.now();
      for (const table of tables) this.#lookIn(table, idleLookMs);
    } catch (error) {
      this.#trouble = error instanceof Error ? error.message : String(error);
      for (const table of tables) this.#lookIn(table, retryMs);
    }
    this.#setTimer();
  }

  async #lookAtPolicies(): Promise<void> {
    const { inTurn, onFound } = this.#options;
    const beganMs = performance.now();
    let missing = await this.#missingChildren();
    if (missing.length > 0) {
      await inTurn(async () => this.#putBack(await this.#missingChildren()));
      if (this.#lacking.size > 0) onFound();
      // What is there now is no longer tried again with growing pauses.
      missing = await this.#missingChildren();
      this.#lookIn('policies', retryMs);
    }
    this.#missing.set('policies', missing.length);
    const endedMs = performance.now();
    const tookMs = endedMs - beganMs;
    this.#policiesRestUntilMs = endedMs + Math.min(restFactor * tookMs, Math.max(usualRestMs, tookMs));
  }

  async #missingChildren(): Promise<readonly EnforcedChild[]> {
    const children = this.#enforcedChildren();
    const missing = await missingInKernel(children, await this.#client.policies());
    this.#attempts.stillMissing(new Set(missing.map(keyOf)));
    return missing;
  }

  /** Blocks first, then the bypasses without which IPv6 stands still, then the rest. */
  async #putBack(missing: readonly EnforcedChild[]): Promise<void> {
    const { blocks, sas, observer, onImplied } = this.#options;
    const rank = ({ charon, settings }: EnforcedChild): number =>
      charon === blocks && settings['mode'] === 'drop' ? 0 : settings['priority'] === '1' ? 1 : 2;
    const nowMs = performance.now();
    let isImplied = false;
    for (const child of missing.toSorted((a, b) => rank(a) - rank(b))) {
      const childKey = keyOf(child);
      if (!this.#attempts.isDue(childKey, nowMs)) continue;
      const policyUuid = parseChildName(child.childName)?.policyUuid;
      this.#attempts.made(childKey, policyUuid, nowMs);
      await child.charon.reinforce(child);
      // Charon leaves in place what an SA of the same selector has in the kernel, as far as it knows.
      if (observer.childNames.has(child.childName)) await sas.rekeyChild({ child: child.childName });
      this.#differences = { ...this.#differences, policies: this.#differences.policies + 1 };
      if (policyUuid === undefined) isImplied = true;
      else this.#lacking.add(policyUuid);
    }
    if (isImplied) onImplied();
  }

  async #lookAtSas(): Promise<void> {
    const nowMs = performance.now();
    const { dead, againMs } = await this.#deadSas.lookAt(await this.#client.states(), nowMs);
    this.#missing.set('states', dead);
    if (againMs !== undefined) this.#lookIn('states', againMs);
  }

  /** What charon and its guard count as in force, of what is known in full. */
  #enforcedChildren(): readonly EnforcedChild[] {
    const { main, blocks, installer } = this.#options;
    const children = new Map<string, EnforcedChild>();
    const add = (charon: Charon, connection: LoadableConnection): void => {
      const taken = charon === main ? connection : markedForGuard(connection);
      for (const [childName, settings] of Object.entries(taken.children)) {
        const child = { charon, connectionName: connection.name, childName, settings };
        const holdings = charon.lastKnown;
        const isHeld = holdings?.childrenOf(connection.name).has(childName) === true;
        if (isHeld && holdings.isInForce(connection.name, childName)) children.set(keyOf(child), child);
      }
    };
    for (const charon of new Set([main, blocks])) add(charon, neighbourDiscoveryConnection());
    for (const { connection, block } of installer.forms.values()) {
      add(main, connection);
      if (block !== undefined) add(blocks, block);
    }
    return [...children.values()];
  }
}

function keyOf({ charon, connectionName, childName }: EnforcedChild): string {
  return `${charon.socketPath} ${connectionName} ${childName}`;
}
