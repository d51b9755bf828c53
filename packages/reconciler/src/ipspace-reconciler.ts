import {
  type Datapath,
  type DatapathEvent,
  DatapathRefusedError,
  DatapathUnavailableError,
  entryFingerprint,
} from '@esplanade/datapath';
import type { DesiredState } from '@esplanade/desired';
import { type PolicyUuid, type Reference, type SpdEntry, selectorKey } from '@esplanade/domain';
import { type Clock, systemClock } from './clock.ts';
import { withDeadline } from './deadline.ts';
import { DesiredEntries } from './desired-entries.ts';
import { HeldEntries } from './held-entries.ts';
import { KeyedLock } from './keyed-lock.ts';
import { Ledger } from './ledger.ts';
import { type Operation, plan, policyOf } from './plan.ts';
import type { PolicyState } from './policy-state.ts';
import { type Outcome, WorkQueue } from './queue.ts';
import type { Drift, Reconciler, SadReading, SadSnapshot } from './reconciler.ts';
import type { Backoff } from './retries.ts';
import { Sad, type SadTiming } from './sad.ts';
import { type Doubt, stateOf } from './state-of.ts';
import { Waiters } from './waiters.ts';

/** How long things take and how often they happen, in milliseconds. */
export interface ReconcilerTiming {
  /** How long the datapath may take to answer one operation. */
  readonly operationMs: number;
  /** The same for each entry when many are installed at once. */
  readonly perEntryMs: number;
  /** From one comparison of everything to the next. */
  readonly compareMs: number;
  /** Between attempts for one policy. */
  readonly policyBackoff: Backoff;
  /** Between attempts to compare everything from scratch. */
  readonly roundBackoff: Backoff;
  readonly sad?: SadTiming;
}

export const defaultReconcilerTiming: ReconcilerTiming = {
  operationMs: 10_000,
  perEntryMs: 50,
  compareMs: 15_000,
  policyBackoff: { firstMs: 200, maxMs: 30_000 },
  roundBackoff: { firstMs: 200, maxMs: 5_000 },
};

/** What a reconciler works on and with. */
export interface ReconcilerOptions {
  readonly ipspace: Reference;
  readonly datapath: Datapath;
  readonly desired: DesiredState;
  /** Hears of what should never happen; the reconciler goes on. */
  readonly onUnexpected: (doing: string, error: unknown) => void;
  /** The machine's unless given. */
  readonly clock?: Clock;
  /** In [0, 1); spreads retries. */
  readonly random?: () => number;
  readonly timing?: ReconcilerTiming;
}

/** Starts to reconcile one IPspace, until closed. The datapath stays the caller's to close, after that. */
export function createReconciler(options: ReconcilerOptions): Reconciler {
  return new IpspaceReconciler(options);
}

type Round =
  /** Installs everything and removes what is beyond it. */
  | 'from scratch'
  /** Looks whether what we installed is still there. */
  | 'compare';

const concurrentOperations = 4;
const restartListeningMs = 1_000;

/**
 * Moves the datapath of one IPspace to the desired state and keeps it there.
 *
 * Whenever the datapath (re)appears, and when a change concerns everything, a round installs all and removes what is
 * beyond. A change of some policies concerns only these, and those whose place they take or leave. What we believe to be
 * installed is compared with the datapath now and then. `desired.snapshot()` always is the complete list, so nothing is
 * ever removed because it has not been read yet.
 */
class IpspaceReconciler implements Reconciler {
  readonly #datapath: Datapath;
  readonly #clock: Clock;
  readonly #onUnexpected: ReconcilerOptions['onUnexpected'];
  readonly #timing: ReconcilerTiming;
  readonly #desired: DesiredEntries;
  readonly #held = new HeldEntries();
  readonly #ledger: Ledger;
  readonly #locks = new KeyedLock<PolicyUuid>();
  readonly #work: WorkQueue<PolicyUuid>;
  readonly #rounds: WorkQueue<Round>;
  readonly #waiters: Waiters<PolicyUuid | 'all'>;
  readonly #sad: Sad;
  readonly #lastFailures = new Map<PolicyUuid, string>();
  readonly #closing = new AbortController();
  readonly #unsubscribe: () => void;
  readonly #listening: Promise<void>;
  /** Present until everything has been compared from scratch. */
  #doubt: Doubt | undefined;
  /** Counts reasons for a round from scratch, so that one which came during a round is seen. */
  #doubts = 0;
  #hasCompared = false;
  /** What the datapath's last silence was about; absent while it answers. */
  #silence: string | undefined;
  /** Policies with an operation since the last listing began. */
  readonly #busy = new Set<PolicyUuid>();
  #drift: Drift = { missing: 0, strangers: 0 };
  #cancelCompare = (): void => undefined;

  /** Starts at once. */
  constructor(options: ReconcilerOptions) {
    const { ipspace, datapath, desired, onUnexpected, clock = systemClock, random = Math.random } = options;
    this.#datapath = datapath;
    this.#clock = clock;
    this.#onUnexpected = onUnexpected;
    this.#timing = options.timing ?? defaultReconcilerTiming;
    const { policyBackoff, roundBackoff } = this.#timing;
    this.#desired = new DesiredEntries(ipspace.uuid, desired.snapshot());
    this.#ledger = new Ledger(clock);
    this.#waiters = new Waiters(clock);
    this.#work = new WorkQueue<PolicyUuid>({
      run: (uuid) => this.#reconcile(uuid),
      onUnexpected: (uuid, error) => onUnexpected(`reconciling policy ${uuid}`, error),
      concurrency: concurrentOperations,
      backoff: policyBackoff,
      clock,
      random,
    });
    this.#rounds = new WorkQueue<Round>({
      run: (round) => (round === 'compare' ? this.#compare() : this.#fromScratch()),
      onUnexpected: (round, error) => onUnexpected(`the round "${round}"`, error),
      concurrency: 1,
      backoff: roundBackoff,
      clock,
      random,
    });
    this.#sad = new Sad({
      list: () => this.#ask((signal) => datapath.securityAssociations(signal)),
      onSnapshot: (snapshot) => this.#observed(snapshot),
      clock,
      ...(this.#timing.sad === undefined ? {} : { timing: this.#timing.sad }),
    });
    this.#beInDoubt(`${datapath.describe()} has not been heard of yet`);
    this.#unsubscribe = desired.subscribe((snapshot, change) => {
      const consequence = this.#desired.follow(snapshot, change);
      if (consequence.kind === 'everything') this.#requestRound('IPsec settings are being carried out');
      else for (const uuid of consequence.policies) this.#consider(uuid);
      this.#waiters.wakeAll();
    });
    this.#listening = this.#listen();
    this.#compareLater();
  }

  policyState(uuid: PolicyUuid): PolicyState | undefined {
    return stateOf({
      target: this.#desired.targetOf(uuid),
      progress: this.#ledger.progressOf(uuid),
      isHeld: this.#held.has(uuid) || !this.#hasCompared,
      doubt: this.#doubt,
      lastFailure: this.#lastFailures.get(uuid),
    });
  }

  settled(uuid: PolicyUuid, revision: number, boundMs: number): Promise<boolean> {
    return this.#waiters.wait(uuid, () => this.#isSettled(uuid, revision), boundMs);
  }

  allSettled(revision: number, boundMs: number): Promise<boolean> {
    const isMet = (): boolean =>
      this.#desired.revision >= revision && this.#doubt === undefined && this.#ledger.unsettledCount === 0;
    return this.#waiters.wait('all', isMet, boundMs);
  }

  readSad(): SadReading {
    return this.#sad.read();
  }

  health(): { readonly ready: boolean; readonly reason?: string } {
    const reason = this.#silence ?? (this.#hasCompared ? undefined : this.#doubt?.reason);
    return reason === undefined ? { ready: true } : { ready: false, reason };
  }

  drift(): Drift {
    return this.#drift;
  }

  async close(): Promise<void> {
    this.#unsubscribe();
    this.#cancelCompare();
    this.#sad.close();
    this.#closing.abort(new Error('the reconciler is closing'));
    await Promise.all([this.#work.close(), this.#rounds.close(), this.#listening]);
    this.#waiters.close();
  }

  #isSettled(uuid: PolicyUuid, revision: number): boolean {
    if (this.#desired.revision < revision || this.#ledger.isUnsettled(uuid)) return false;
    if (this.#doubt === undefined) return true;
    // What must not be there and is not needs no answer from the this.#datapath.
    return this.#hasCompared && !this.#held.has(uuid) && this.#desired.entryOf(uuid) === undefined;
  }

  // ---- what is heard ----

  async #listen(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        for await (const event of this.#datapath.events(signal)) this.#hear(event);
      } catch (error) {
        if (!signal.aborted) this.#onUnexpected('listening to the datapath', error);
      }
      if (signal.aborted) return;
      this.#lost(`${this.#datapath.describe()} sends no more events`);
      await pause(this.#clock, restartListeningMs, signal);
    }
  }

  #hear(event: DatapathEvent): void {
    switch (event.kind) {
      case 'connected':
        this.#silence = undefined;
        this.#requestRound(`what ${this.#datapath.describe()} holds is being compared`);
        this.#sad.hint();
        break;
      case 'lost':
        this.#lost(event.reason);
        break;
      case 'sas-changed':
        this.#sad.hint();
        break;
      case 'negotiation-failed':
        if (this.#desired.entryOf(event.policyUuid) !== undefined)
          this.#lastFailures.set(event.policyUuid, event.reason);
        break;
    }
  }

  #lost(reason: string): void {
    this.#silence = reason;
    this.#beInDoubt(reason);
    this.#sad.lost(reason);
  }

  #observed(snapshot: SadSnapshot): void {
    if (this.#lastFailures.size === 0) return;
    for (const sa of snapshot.rows)
      if (sa.kind === 'ipsec' && sa.state === 'installed' && sa.policyUuid !== undefined)
        this.#lastFailures.delete(sa.policyUuid);
  }

  // ---- rounds over everything ----

  #beInDoubt(reason: string): void {
    this.#doubts += 1;
    this.#doubt = { reason, sinceMs: this.#clock.nowMs() };
    void this.#work.pause();
  }

  #requestRound(reason: string): void {
    this.#beInDoubt(reason);
    this.#rounds.add('from scratch');
  }

  async #fromScratch(): Promise<Outcome> {
    await this.#work.pause();
    const doubts = this.#doubts;
    const { settings } = this.#desired;
    const scope = 'everything';
    const all = plan({ desired: this.#desired.entries(), observed: [], settings, scope }).flatMap(
      (operation) => (operation.kind === 'install' ? [operation.entry] : []),
    );
    try {
      const boundMs = this.#timing.operationMs + all.length * this.#timing.perEntryMs;
      const failed = await this.#ask((signal) => this.#datapath.installAll(all, settings, signal), boundMs);
      const rows = await this.#ask((signal) => this.#datapath.installed(signal), boundMs);
      this.#held.replaceBy(rows, (uuid) => this.#desired.entryOf(uuid));
      for (const [uuid, error] of failed) this.#ledger.failed(uuid, error);
    } catch (error) {
      return this.#roundFailed('installing everything', error);
    }
    this.#hasCompared = true;
    // Now the desired list may be newer than the one that was installed; what differs is worked off one by one.
    const operations = plan({
      desired: this.#desired.entries(),
      observed: this.#held.rowsOf(this.#held.policies()),
      settings: this.#desired.settings,
      scope,
    });
    for (const operation of operations) this.#work.add(policyOf(operation));
    const open = new Set(operations.map(policyOf));
    for (const uuid of open) if (!this.#ledger.isOutstanding(uuid)) this.#ledger.changed(uuid);
    for (const uuid of [...this.#desired.policies(), ...this.#ledger.policies()])
      if (!open.has(uuid)) this.#carriedOut(uuid);
    if (doubts === this.#doubts) {
      this.#doubt = undefined;
      this.#work.resume();
    }
    this.#waiters.wakeAll();
    this.#sad.hint();
    return 'done';
  }

  async #compare(): Promise<Outcome> {
    this.#compareLater();
    if (this.#doubt !== undefined) return 'done';
    this.#busy.clear();
    try {
      const rows = await this.#ask((signal) => this.#datapath.installed(signal));
      const isBusy = (uuid: PolicyUuid): boolean => this.#busy.has(uuid) || this.#ledger.isOutstanding(uuid);
      const { missing, strangers } = this.#held.correctBy(rows, isBusy);
      this.#drift = {
        missing: this.#drift.missing + missing.length,
        strangers: this.#drift.strangers + strangers.length,
      };
      for (const uuid of [...missing, ...strangers]) this.#consider(uuid);
    } catch (error) {
      if (!(error instanceof DatapathUnavailableError)) this.#roundFailed('comparing', error);
    }
    return 'done';
  }

  #compareLater(): void {
    if (this.#closing.signal.aborted) return;
    this.#cancelCompare = this.#clock.after(this.#timing.compareMs, () => this.#rounds.add('compare'));
  }

  #roundFailed(doing: string, error: unknown): Outcome {
    if (this.#closing.signal.aborted) return 'done';
    if (!(error instanceof DatapathUnavailableError)) this.#onUnexpected(doing, error);
    if (this.#doubt !== undefined)
      this.#doubt = { ...this.#doubt, reason: error instanceof Error ? error.message : String(error) };
    return 'retry';
  }

  // ---- one policy ----

  /** Sees to it that the policy is worked on if it needs to be. */
  #consider(uuid: PolicyUuid): void {
    if (this.#operationsFor(uuid).length === 0) this.#carriedOut(uuid);
    else {
      this.#ledger.changed(uuid);
      // It was about a form that is no longer desired.
      this.#lastFailures.delete(uuid);
      this.#work.add(uuid);
    }
  }

  /**
   * What is to be done for one policy. If it leaves a selector that another has to take over, that one's install comes
   * first, so that the selector is never without an entry.
   */
  #operationsFor(uuid: PolicyUuid): readonly Operation[] {
    const own = this.#desired.entryOf(uuid);
    const heir = this.#heirOf(uuid, own);
    return plan({
      desired: [own, heir].filter((entry) => entry !== undefined),
      observed: this.#held.rowsOf(new Set([uuid, heir?.policy.uuid ?? uuid])),
      settings: this.#desired.settings,
      scope: new Set([uuid]),
    });
  }

  #heirOf(uuid: PolicyUuid, own: SpdEntry | undefined): SpdEntry | undefined {
    const held = this.#held.selectorOf(uuid);
    if (held === undefined || (own !== undefined && selectorKey(own.policy.selector) === held))
      return undefined;
    return this.#desired.entryOn(held);
  }

  async #reconcile(uuid: PolicyUuid): Promise<Outcome> {
    try {
      for (const operation of this.#operationsFor(uuid)) await this.#carryOut(operation);
    } catch (error) {
      if (this.#closing.signal.aborted) return 'done';
      this.#ledger.failed(uuid, error);
      this.#wake(uuid);
      return 'retry';
    }
    // A change that came meanwhile has put the policy into the queue again.
    if (this.#operationsFor(uuid).length === 0) this.#carriedOut(uuid);
    this.#sad.hint();
    return 'done';
  }

  #carryOut(operation: Operation): Promise<void> {
    const uuid = policyOf(operation);
    return this.#locks.run(uuid, async () => {
      const { settings } = this.#desired;
      this.#busy.add(uuid);
      if (operation.kind === 'remove') {
        this.#held.doubt(uuid);
        await this.#ask((signal) => this.#datapath.remove(uuid, signal));
        this.#held.removed(uuid);
        return;
      }
      const fingerprint = entryFingerprint(operation.entry, settings);
      // Another policy that hands its selector over to this one may have been quicker.
      if (this.#held.rowsOf([uuid]).some((row) => row.fingerprint === fingerprint)) return;
      this.#held.doubt(uuid);
      await this.#ask((signal) => this.#datapath.install(operation.entry, settings, signal));
      this.#held.installed(operation.entry, fingerprint);
    });
  }

  #carriedOut(uuid: PolicyUuid): void {
    if (this.#desired.targetOf(uuid).kind === 'absent') {
      this.#ledger.forget(uuid);
      this.#lastFailures.delete(uuid);
    } else this.#ledger.carriedOut(uuid, this.#desired.revision);
    this.#wake(uuid);
  }

  #wake(uuid: PolicyUuid): void {
    this.#waiters.wake(uuid);
    this.#waiters.wake('all');
  }

  /** Asks the datapath something under a deadline, and notes whether it answers at all. */
  async #ask<Result>(
    operation: (signal: AbortSignal) => Promise<Result>,
    boundMs = this.#timing.operationMs,
  ): Promise<Result> {
    try {
      const options = {
        clock: this.#clock,
        who: this.#datapath.describe(),
        boundMs,
        signal: this.#closing.signal,
      };
      const result = await withDeadline(options, operation);
      this.#silence = undefined;
      return result;
    } catch (error) {
      if (error instanceof DatapathUnavailableError) this.#silence = error.message;
      else if (error instanceof DatapathRefusedError) this.#silence = undefined;
      throw error;
    }
  }
}

/** Resolves after the delay, or at once when the signal aborts. */
function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(delayMs, resolve);
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise.finally(cancel);
}
