import { setTimeout as sleep } from 'node:timers/promises';
import type { PolicyUuid } from '@esplanade/domain';
import type {
  DaemonRequests,
  Datapath,
  DatapathEntry,
  DatapathEvent,
  DatapathSettings,
  InstalledEntry,
  ObservedSa,
} from '../datapath.ts';
import type { ForeignConnection } from '../foreign-connection.ts';
import type { KernelReport } from '../kernel-report.ts';
import { Listeners } from '../listeners.ts';
import { capabilities } from './capabilities.ts';
import type { Charon } from './charon.ts';
import { compilationOf } from './compilation.ts';
import type { CompiledEntry } from './connection-mapping.ts';
import { DaemonPair } from './daemon-pair.ts';
import { EntriesInForce } from './entries-in-force.ts';
import { EventReactions } from './event-reactions.ts';
import { FailedNegotiations } from './failed-negotiations.ts';
import { defaultIdleSeconds } from './idle-ike-sas.ts';
import { Installer } from './installer.ts';
import { KernelCheck } from './kernel-check.ts';
import { KeyRings } from './key-rings.ts';
import { KeyRotation } from './key-rotation.ts';
import { neighbourDiscoveryName } from './names.ts';
import type { StrongswanOptions } from './options.ts';
import { Others } from './others.ts';
import { Reqids } from './reqids.ts';
import { RetiredSas } from './retired-sas.ts';
import { RevokedRemotes } from './revoked-remotes.ts';
import { SaControl } from './sa-control.ts';
import { SaObserver } from './sa-observer.ts';
import { Settlement } from './settlement.ts';
import { Turns } from './turns.ts';
import { UnmixedIkeSas } from './unmixed-ike-sas.ts';

const concurrentChanges = 16;
const closingPatienceMs = 1_000;
/** How late charon may say what has been done already. */
const hearsayMs = 250;
/** All loading takes turns with itself: it is quick, and the account of what charon holds stays right. */
const loading = 'loading';

/** A datapath over strongSwan's charon. It begins to connect at once and never gives up; `events` tells how it stands. */
export function openStrongswanDatapath(options: StrongswanOptions): Datapath {
  return new StrongswanDatapath(options);
}

class StrongswanDatapath implements Datapath {
  readonly kind = 'strongswan';
  readonly capabilities = capabilities;

  readonly #daemons: DaemonPair;
  readonly #rings: KeyRings;
  readonly #installer: Installer;
  readonly #rotation: KeyRotation;
  readonly #sas: SaControl;
  readonly #observer: SaObserver;
  readonly #retiredSas: RetiredSas;
  readonly #settlement: Settlement;
  readonly #unmixed: UnmixedIkeSas;
  readonly #loads = new Turns<typeof loading>();
  readonly #policies = new Turns<PolicyUuid>();
  readonly #current = new EntriesInForce();
  readonly #reqids = new Reqids();
  readonly #listeners = new Listeners();
  readonly #tellFailure = (policyUuid: PolicyUuid, reason: string, remote?: string): void =>
    this.#listeners.tell({ kind: 'negotiation-failed', policyUuid, reason, remote });
  readonly #revoked: RevokedRemotes;
  readonly #reactions: EventReactions;
  readonly #others: Others;
  readonly #kernel: KernelCheck | undefined;
  readonly #idleSeconds: number;
  /** IKE SAs that were ended because they carried nothing. */
  #idleEnded = 0;

  constructor(options: StrongswanOptions) {
    const { place, mainSocketPath, guardSocketPath, answerDeadlineMs, startedBy } = options;
    this.#idleSeconds = options.idleIkeSaSeconds ?? defaultIdleSeconds;
    this.#daemons = new DaemonPair({
      mainSocketPath,
      guardSocketPath,
      startedBy,
      answerDeadlineMs,
      onRequest: (command, message) => {
        if (command === 'terminate') this.#reactions.expectTermination(message);
      },
      onEvent: (charon, event) => this.#reactions.heard(charon, event),
      nextBeat: () => this.#others.nextBeat(),
      onReply: (charon, reply, askedMs) => this.#others.lookAt(charon, reply, askedMs),
      prepare: (charon, signal) => this.#prepare(charon, signal),
      onStatus: () => this.#tellStatus(),
    });
    const { main, guard, mainWatch, session } = this.#daemons;
    this.#sas = new SaControl(session);
    this.#others = new Others({
      daemons: this.#daemons,
      inTurn: (look) => this.#load(look, undefined),
      onFound: () => this.#listeners.tell({ kind: 'tampered' }),
    });
    this.#rings = new KeyRings(main);
    this.#installer = new Installer(main, guard, this.#rings);
    this.#rotation = new KeyRotation({
      rings: this.#rings,
      sas: this.#sas,
      load: (task) => this.#load(task, undefined),
    });
    this.#unmixed = new UnmixedIkeSas({
      main,
      installer: this.#installer,
      sas: this.#sas,
      onFailed: this.#tellFailure,
    });
    const failures = new FailedNegotiations({
      main,
      installer: this.#installer,
      inForce: this.#current,
      childrenUp: (connectionName) => this.#observer.childrenOf(connectionName),
      rings: this.#rings,
      onFailed: this.#tellFailure,
      onKeyRefused: (ringName) => void this.#rotation.refused(ringName),
    });
    this.#revoked = new RevokedRemotes({ sas: this.#sas, inForce: this.#current });
    this.#observer = new SaObserver(place, mainWatch, this.#installer);
    this.#retiredSas = new RetiredSas({
      observer: this.#observer,
      sas: this.#sas,
      onDistrusted: this.#tellFailure,
    });
    this.#reactions = new EventReactions({
      main,
      inForce: this.#current,
      policies: this.#policies,
      sas: this.#sas,
      observer: this.#observer,
      others: this.#others,
      revoked: this.#revoked,
      unmixed: this.#unmixed,
      failures,
      listeners: this.#listeners,
    });
    this.#settlement = new Settlement({
      inForce: this.#current,
      installer: this.#installer,
      rotation: this.#rotation,
      retiredSas: this.#retiredSas,
      revoked: this.#revoked,
      sas: this.#sas,
      load: (task, signal) => this.#load(task, signal),
    });
    if (options.kernelSocketPath !== undefined) this.#kernel = this.#checkKernel(options.kernelSocketPath);
  }

  describe(): string {
    return this.#daemons.describe();
  }

  async install(entry: DatapathEntry, settings: DatapathSettings, signal?: AbortSignal): Promise<void> {
    this.#mayChange(signal);
    const { uuid } = entry.policy;
    await this.#policies.run(
      uuid,
      async () => {
        const { compiled, failure: unfit } = compilationOf(entry, settings, this.#reqids.of(uuid));
        const failures = await this.#load(() => this.#bringIn([compiled], signal), signal);
        for (const failure of failures.values()) throw failure;
        this.#kernel?.installed(uuid);
        await this.#settlement.settle(uuid, signal);
        if (unfit !== undefined) throw unfit;
      },
      signal,
    );
  }

  async installAll(
    entries: readonly DatapathEntry[],
    settings: DatapathSettings,
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<PolicyUuid, Error>> {
    this.#mayChange(signal);
    const compilations = entries.map((entry) =>
      compilationOf(entry, settings, this.#reqids.of(entry.policy.uuid)),
    );
    const compiled = compilations.map((one) => one.compiled);
    const failures = new Map(
      await this.#load(async () => {
        this.#installer.learn(compiled);
        return this.#bringIn(compiled, signal);
      }, signal),
    );
    const placed = compiled.filter(({ policyUuid }) => !failures.has(policyUuid)).values();
    const worker = async (): Promise<void> => {
      for (const { policyUuid } of placed) {
        await this.#policies.run(policyUuid, () => this.#settlement.settle(policyUuid, signal), signal);
      }
    };
    await Promise.all(Array.from({ length: concurrentChanges }, worker));
    await this.#load(() => this.#installer.retireKeys(undefined, signal), signal);
    for (const { compiled: one, failure } of compilations)
      if (failure !== undefined) failures.set(one.policyUuid, failure);
    return failures;
  }

  async remove(policyUuid: PolicyUuid, signal?: AbortSignal): Promise<void> {
    this.#mayChange(signal);
    await this.#policies.run(
      policyUuid,
      async () => {
        this.#current.delete(policyUuid);
        this.#kernel?.gone(policyUuid);
        this.#revoked.forget(policyUuid);
        await this.#settlement.remove(policyUuid, signal);
        this.#reqids.release(policyUuid);
      },
      signal,
    );
  }

  async installed(signal?: AbortSignal): Promise<readonly InstalledEntry[]> {
    this.#mayChange(signal);
    return this.#load(async () => {
      const main = await this.#daemons.main.survey(signal);
      const blocks = (await this.#daemons.guard?.survey(signal)) ?? main;
      // Whoever did it charon has named, or is about to: it must not be taken for what we load to put it right.
      if (this.#installer.verify()) await sleep(hearsayMs, undefined, { signal });
      await this.#restoreImplied(signal);
      await this.#observer.list(signal);
      const leaving = this.#retiredSas.leaving(this.#current);
      const rows = await this.#installer.rows(main, blocks, leaving, signal);
      return rows.filter(({ policyUuid }) => this.#kernel?.isLacking(policyUuid) !== true);
    }, signal);
  }

  async securityAssociations(signal?: AbortSignal): Promise<readonly ObservedSa[]> {
    signal?.throwIfAborted();
    this.#daemons.throwIfMainIsDown();
    const sas = await this.#observer.list(signal);
    await this.#unmixed.end(this.#observer.rows(), signal);
    await this.#endIdle(signal);
    return sas;
  }

  foreignConnections(): readonly ForeignConnection[] {
    return this.#others.connections();
  }

  unheldRevocationLists(): ReadonlySet<string> {
    return this.#installer.unheldRevocationLists();
  }

  kernelReport(): KernelReport {
    const differences = { policies: 0, securityAssociations: 0 };
    const reason = 'there is no kernel reader';
    return this.#kernel?.report() ?? { kind: 'unchecked', reason, differences };
  }

  daemonRequests(): readonly DaemonRequests[] {
    return this.#daemons.requests();
  }

  events(signal: AbortSignal): AsyncIterable<DatapathEvent> {
    return this.#listeners.listen(signal, async () => {
      await this.#daemons.check(signal);
      return this.#daemons.status();
    });
  }

  async close(): Promise<void> {
    this.#listeners.close();
    await this.#kernel?.close();
    this.#reactions.close();
    // Charon may never end when it is told to while it answers somebody who has left: let it answer.
    await Promise.race([
      Promise.all([this.#rotation.close(), this.#revoked.close(), this.#load(async () => null, undefined)]),
      sleep(closingPatienceMs, undefined, { ref: false }),
    ]);
    await this.#daemons.close();
    this.#sas.close();
  }

  /** No policy's row tells of neighbour discovery. */
  async #restoreImplied(signal: AbortSignal | undefined): Promise<void> {
    for (const [charon] of this.#daemons.all()) {
      if (charon.lastKnown?.hasInForce(neighbourDiscoveryName) !== false) continue;
      await this.#installer.bringInNeighbourDiscovery(charon, signal);
      this.#listeners.tell({ kind: 'implied-restored' });
    }
  }

  async #endIdle(signal: AbortSignal | undefined): Promise<void> {
    const idle = this.#observer.idleIkeSas(this.#idleSeconds);
    for (const one of idle)
      if (await this.#sas.endIfIdle(one, this.#idleSeconds, signal)) this.#idleEnded += 1;
    if (idle.length > 0) this.#listeners.tell({ kind: 'idle-ended', total: this.#idleEnded });
  }

  #checkKernel(socketPath: string): KernelCheck {
    return new KernelCheck({
      socketPath,
      main: this.#daemons.main,
      blocks: this.#daemons.guard ?? this.#daemons.main,
      installer: this.#installer,
      observer: this.#observer,
      sas: this.#sas,
      inForce: this.#current,
      isUp: () => this.#daemons.status()?.kind === 'connected',
      inTurn: (task) => this.#load(task, undefined),
      onFound: () => this.#listeners.tell({ kind: 'tampered' }),
      onImplied: () => this.#listeners.tell({ kind: 'implied-restored' }),
      onDeadSa: (policyUuid) => this.#listeners.tell({ kind: 'sa-ended', policyUuid }),
    });
  }

  /** Fails at once, rather than after a deadline each, while it is known that charon or the guard does not answer. */
  #mayChange(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    this.#daemons.throwIfDown();
  }

  /** Whatever this charon held before, it may be another one now. */
  async #prepare(charon: Charon, signal: AbortSignal): Promise<void> {
    await this.#load(async () => {
      charon.forget();
      if (charon === this.#daemons.main) for (const one of [this.#observer, this.#revoked]) one.restarted();
      await this.#installer.bringInNeighbourDiscovery(charon, signal);
    }, signal);
  }

  async #load<T>(task: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return this.#loads.run(loading, () => this.#daemons.whileAsking(task), signal);
  }

  async #bringIn(
    entries: readonly CompiledEntry[],
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<PolicyUuid, Error>> {
    const failures = await this.#installer.bringIn(entries, signal);
    for (const entry of entries)
      if (!failures.has(entry.policyUuid)) this.#current.set(entry.policyUuid, entry);
    return failures;
  }

  #tellStatus(): void {
    const status = this.#daemons.status();
    if (status !== undefined) this.#listeners.tell(status);
  }
}
