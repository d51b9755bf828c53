import { type Datapath, type DatapathEvent, DatapathUnavailableError } from '@esplanade/datapath';
import type { DesiredChange, DesiredSnapshot } from '@esplanade/desired';
import type { PolicyUuid } from '@esplanade/domain';
import { AskedDatapath } from './asked-datapath.ts';
import { clashesOf, countClashing } from './clashes.ts';
import { type Clock, pause, systemClock } from './clock.ts';
import { DesiredEntries } from './desired-entries.ts';
import { DriftRecord } from './drift-record.ts';
import { FailedNegotiations } from './failed-negotiations.ts';
import { HeldEntries } from './held-entries.ts';
import { Ledger } from './ledger.ts';
import { plan, policyOf } from './plan.ts';
import type { PolicyState } from './policy-state.ts';
import { PolicyTotals } from './policy-totals.ts';
import { failedNegotiation, PolicyTroubles, refusal } from './policy-troubles.ts';
import { PolicyWork } from './policy-work.ts';
import { type Outcome, WorkQueue } from './queue.ts';
import type { Drift, PolicyTraffic, Reconciler, SadReading, SadSnapshot } from './reconciler.ts';
import type { ReconcilerOptions } from './reconciler-options.ts';
import { Sad } from './sad.ts';
import { type Doubt, stateOf } from './state-of.ts';
import { timedRun } from './timed-run.ts';
import { defaultTiming, type ReconcilerTiming } from './timing.ts';
import { Waiters } from './waiters.ts';

/** Starts to reconcile one IPspace, until closed. The datapath stays the caller's to close, after that. */
export function createReconciler(options: ReconcilerOptions): Reconciler {
  return new IpspaceReconciler(options);
}

type Round =
  /** Installs everything and removes what is beyond it. */
  | 'from scratch'
  /** Looks whether what we installed is still there. */
  | 'compare';

const concurrentPolicies = 4;

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
  readonly #timing: ReconcilerTiming;
  readonly #onUnexpected: ReconcilerOptions['onUnexpected'];
  readonly #closing = new AbortController();

  readonly #asked: AskedDatapath;
  readonly #desired: DesiredEntries;
  readonly #held = new HeldEntries();
  readonly #ledger: Ledger;
  readonly #work: PolicyWork;
  readonly #queue: WorkQueue<PolicyUuid>;
  readonly #rounds: WorkQueue<Round>;
  readonly #waiters: Waiters<PolicyUuid | 'all'>;
  readonly #sad: Sad;
  readonly #totals = new PolicyTotals();
  readonly #drift: DriftRecord;
  readonly #failedNegotiations: FailedNegotiations;
  readonly #unsubscribe: () => void;
  readonly #listening: Promise<void>;

  /** Present until everything has been compared from scratch. */
  #doubt: Doubt | undefined;
  /** Counts reasons for doubt, so that one which came up during a round is seen at its end. */
  #doubts = 0;
  #hasCompared = false;
  #cancelCompare = (): void => undefined;

  constructor(options: ReconcilerOptions) {
    const { ipspace, datapath, desired, onUnexpected, onRun } = options;
    const { onDrift = () => undefined, onPolicyNews = () => undefined } = options;
    const { clock = systemClock, random = Math.random, timing = defaultTiming } = options;
    this.#datapath = datapath;
    this.#clock = clock;
    this.#timing = timing;
    this.#onUnexpected = onUnexpected;
    this.#asked = new AskedDatapath({ datapath, clock, timing, signal: this.#closing.signal });
    this.#desired = new DesiredEntries(ipspace.uuid, desired.snapshot());
    const callOf = (uuid: PolicyUuid): string => this.#desired.callOf(uuid);
    this.#drift = new DriftRecord({ clock, callOf, tell: onDrift });
    const context = { clock, callOf, tell: onPolicyNews };
    this.#ledger = new Ledger(clock, new PolicyTroubles(refusal, context));
    this.#failedNegotiations = new FailedNegotiations(new PolicyTroubles(failedNegotiation, context), clock);
    this.#work = new PolicyWork(this.#desired, this.#held, this.#asked);
    this.#waiters = new Waiters(clock);
    this.#queue = new WorkQueue<PolicyUuid>({
      run: timedRun('policy', onRun, (uuid: PolicyUuid) => this.#carryOut(uuid)),
      onUnexpected: (uuid, error) => onUnexpected(`carrying out policy ${uuid}`, error),
      concurrency: concurrentPolicies,
      backoff: timing.policyBackoff,
      clock,
      random,
    });
    this.#rounds = new WorkQueue<Round>({
      run: timedRun('round', onRun, (round: Round) =>
        round === 'compare' ? this.#compare() : this.#fromScratch(),
      ),
      onUnexpected: (round, error) => onUnexpected(`the round "${round}"`, error),
      concurrency: 1,
      backoff: timing.roundBackoff,
      clock,
      random,
    });
    this.#sad = new Sad({
      list: () => this.#asked.securityAssociations(),
      onSnapshot: (snapshot) => this.#observed(snapshot),
      clock,
      timing: timing.sad,
    });
    this.#beInDoubt(`${datapath.describe()} has not been heard of yet`);
    this.#unsubscribe = desired.subscribe((snapshot, change) => this.#follow(snapshot, change));
    this.#listening = this.#listen();
    this.#compareLater();
  }

  policyState(uuid: PolicyUuid): PolicyState | undefined {
    return stateOf({
      target: this.#desired.targetOf(uuid),
      progress: this.#ledger.progressOf(uuid),
      isHeld: this.#held.has(uuid) || !this.#hasCompared,
      doubt: this.#doubt,
      lastFailure: this.#failedNegotiations.reasonOf(uuid),
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

  peekSad(): SadReading {
    return this.#sad.peek();
  }

  policyTraffic(uuid: PolicyUuid): PolicyTraffic | undefined {
    // Who asks for totals reads the SAD, so that it is listed as often as for any reader.
    this.#sad.read();
    return this.#totals.of(uuid);
  }

  health(): ReturnType<Reconciler['health']> {
    const silence = this.#asked.silence ?? (this.#hasCompared ? undefined : this.#doubt);
    return silence === undefined ? { ready: true } : { ready: false, ...silence };
  }

  drift(): Drift {
    return this.#drift.counts;
  }

  lastDriftMs(uuid: PolicyUuid): number | undefined {
    return this.#drift.lastMs(uuid);
  }

  clashes(uuid: PolicyUuid): readonly string[] {
    return clashesOf(this.#desired.entryOf(uuid), this.#datapath.foreignConnections());
  }

  unheldRevocationLists(): ReadonlySet<string> {
    return this.#datapath.unheldRevocationLists();
  }

  clashing(): number {
    return countClashing(() => this.#desired.entries(), this.#datapath.foreignConnections());
  }

  async close(): Promise<void> {
    this.#unsubscribe();
    this.#cancelCompare();
    this.#sad.close();
    this.#closing.abort(new Error('the reconciler is closing'));
    await Promise.all([this.#queue.close(), this.#rounds.close(), this.#listening]);
    this.#waiters.close();
  }

  #isSettled(uuid: PolicyUuid, revision: number): boolean {
    if (this.#desired.revision < revision || this.#ledger.isUnsettled(uuid)) return false;
    if (this.#doubt === undefined) return true;
    // What must not be there and is not needs no answer from the datapath.
    return this.#hasCompared && !this.#held.has(uuid) && this.#desired.entryOf(uuid) === undefined;
  }

  // What is heard: of the desired state, of the datapath, of SAs.

  #follow(snapshot: DesiredSnapshot, change: DesiredChange): void {
    const consequence = this.#desired.follow(snapshot, change);
    if (consequence.kind === 'everything') this.#requestFromScratch('a change that concerns every policy');
    else for (const uuid of consequence.policies) this.#consider(uuid);
    this.#waiters.wakeAll();
  }

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
      await pause(this.#clock, this.#timing.listenAgainMs, signal);
    }
  }

  #hear(event: DatapathEvent): void {
    switch (event.kind) {
      case 'connected':
        this.#asked.connected();
        this.#requestFromScratch(`${this.#datapath.describe()} has just been reached`);
        this.#sad.connected();
        break;
      case 'lost':
        this.#lost(event.reason);
        break;
      case 'sas-changed':
        this.#sad.hint(event.known);
        break;
      case 'tampered':
        this.#rounds.add('compare');
        break;
      case 'sa-ended':
        this.#drift.saEnded(event.policyUuid);
        break;
      case 'implied-restored':
        this.#drift.impliedRestored();
        break;
      case 'idle-ended':
        this.#drift.idleIkeSasEnded(event.total);
        break;
      case 'negotiation-failed':
        if (this.#desired.entryOf(event.policyUuid) !== undefined)
          this.#failedNegotiations.happened(event.policyUuid, event);
        break;
    }
  }

  #lost(reason: string): void {
    this.#asked.lost(reason);
    this.#beInDoubt(reason);
    this.#sad.lost(reason);
  }

  #observed(snapshot: SadSnapshot): void {
    const isDesired = (uuid: PolicyUuid): boolean => this.#desired.targetOf(uuid).kind !== 'absent';
    this.#totals.observe(snapshot.rows, snapshot.observedAtMs, isDesired);
    this.#failedNegotiations.observed(snapshot.rows);
  }

  // Rounds over everything.

  #beInDoubt(reason: string): void {
    this.#doubts += 1;
    this.#doubt = { reason, sinceMs: this.#clock.nowMs() };
    void this.#queue.pause();
  }

  #requestFromScratch(cause: string): void {
    this.#beInDoubt(`${cause}: all policies are being compared`);
    this.#rounds.add('from scratch');
  }

  async #fromScratch(): Promise<Outcome> {
    await this.#queue.pause();
    const doubts = this.#doubts;
    try {
      await this.#installAll();
    } catch (error) {
      return this.#fromScratchFailed(error);
    }
    this.#hasCompared = true;
    this.#queueDifferences();
    if (doubts === this.#doubts) {
      this.#doubt = undefined;
      this.#queue.resume();
    }
    this.#waiters.wakeAll();
    this.#sad.hint();
    return 'done';
  }

  async #installAll(): Promise<void> {
    const { settings } = this.#desired;
    const all = plan({ desired: this.#desired.entries(), observed: [], settings, scope: 'everything' });
    const entries = all.flatMap((operation) => (operation.kind === 'install' ? [operation.entry] : []));
    const failed = await this.#asked.installAll(entries, settings);
    this.#held.replaceBy(await this.#asked.installed(entries.length), (uuid) => this.#desired.entryOf(uuid));
    for (const [uuid, error] of failed) this.#ledger.failed(uuid, error);
  }

  /** What is beyond, what failed, and what has changed since the round began is worked off one by one. */
  #queueDifferences(): void {
    const operations = plan({
      desired: this.#desired.entries(),
      observed: this.#held.rowsOf(this.#held.policies()),
      settings: this.#desired.settings,
      scope: 'everything',
    });
    const open = new Set(operations.map(policyOf));
    for (const uuid of open) {
      if (!this.#ledger.isOutstanding(uuid)) this.#ledger.changed(uuid);
      this.#queue.add(uuid);
    }
    for (const uuid of this.#desired.policies()) if (!open.has(uuid)) this.#carriedOut(uuid);
  }

  #fromScratchFailed(error: unknown): Outcome {
    if (this.#closing.signal.aborted) return 'done';
    if (!(error instanceof DatapathUnavailableError)) this.#onUnexpected('installing everything', error);
    if (this.#doubt !== undefined)
      this.#doubt = { ...this.#doubt, reason: error instanceof Error ? error.message : String(error) };
    return 'retry';
  }

  async #compare(): Promise<Outcome> {
    this.#compareLater();
    if (this.#doubt !== undefined) return 'done';
    this.#work.watch();
    try {
      const rows = await this.#asked.installed(this.#desired.entries().length);
      const isBusy = (uuid: PolicyUuid): boolean =>
        this.#work.wasTouched(uuid) || this.#ledger.isOutstanding(uuid);
      const difference = this.#held.correctBy(rows, isBusy);
      this.#drift.found(difference);
      for (const uuid of [...difference.missing, ...difference.strangers]) this.#consider(uuid);
    } catch (error) {
      // The next comparison comes by itself; until then `health` tells of the silence.
      const isExpected = error instanceof DatapathUnavailableError || this.#closing.signal.aborted;
      if (!isExpected) this.#onUnexpected('comparing', error);
    }
    return 'done';
  }

  #compareLater(): void {
    this.#cancelCompare();
    if (this.#closing.signal.aborted) return;
    this.#cancelCompare = this.#clock.after(this.#timing.compareMs, () => this.#rounds.add('compare'));
  }

  // One policy.

  #consider(uuid: PolicyUuid): void {
    if (!this.#work.isNeeded(uuid)) {
      this.#carriedOut(uuid);
      return;
    }
    this.#ledger.changed(uuid);
    this.#failedNegotiations.isChanged(uuid);
    this.#queue.add(uuid);
  }

  async #carryOut(uuid: PolicyUuid): Promise<Outcome> {
    try {
      await this.#work.carryOut(uuid);
    } catch (error) {
      if (this.#closing.signal.aborted) return 'done';
      this.#ledger.failed(uuid, error);
      this.#wake(uuid);
      return 'retry';
    }
    this.#carriedOut(uuid);
    return 'done';
  }

  #carriedOut(uuid: PolicyUuid): void {
    if (this.#desired.targetOf(uuid).kind === 'absent') {
      this.#ledger.forget(uuid);
      this.#totals.forget(uuid);
      this.#failedNegotiations.forget(uuid);
      this.#drift.forget(uuid);
    } else this.#ledger.carriedOut(uuid, this.#desired.revision);
    this.#wake(uuid);
  }

  #wake(uuid: PolicyUuid): void {
    this.#waiters.wake(uuid);
    this.#waiters.wake('all');
  }
}
