import { setTimeout as sleep } from 'node:timers/promises';
import type { Secret } from '@esplanade/domain';
import { DatapathRefusedError, DatapathUnavailableError } from '../errors.ts';
import type { KeyRings } from './key-rings.ts';
import type { SaControl } from './sa-control.ts';

/** What moves IKE SAs from one key to another. */
export interface KeyRotationOptions {
  readonly rings: KeyRings;
  readonly sas: SaControl;
  /** Runs what changes charon's configuration, when its turn comes. */
  readonly load: <T>(task: () => Promise<T>) => Promise<T>;
}

const pollMs = 100;
/** How long new IKE SAs may take; until then they are tried with the new key. */
const attemptBoundMs = 5_000;
const firstPauseMs = 250;
const retryMs = { least: 1_000, most: 60_000 };
/** An IKE SA that has carried nothing for so long is ended: charon does not reauthenticate such. */
const idleSeconds = 5;

/**
 * Moves IKE SAs to the key of their ring that is meant to stay (decision record 0012), by make-before-break
 * reauthentication: the remote either knows the key, and a new IKE SA takes over all CHILD SAs, or it does not, and the
 * old one stays as it is. Until it has worked it is tried again, and charon proves the former key in between.
 */
export class KeyRotation {
  readonly #options: KeyRotationOptions;
  readonly #moves = new Map<string, Move>();
  readonly #replacements = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();

  constructor(options: KeyRotationOptions) {
    this.#options = options;
  }

  /** Looks whether a ring has a key to move to, and begins, goes on or ends accordingly. */
  consider(ringName: string): void {
    const target = this.#options.rings.targetOf(ringName);
    const move = this.#moves.get(ringName);
    if (move?.target.fingerprint === target?.fingerprint) return;
    move?.stop();
    this.#moves.delete(ringName);
    if (target === undefined || this.#closing.signal.aborted) return;
    this.#moves.set(ringName, new Move(this.#options, ringName, target));
  }

  /**
   * The remote has refused the key that charon proved. Where it may prove another it does so the next time, so that
   * whoever begins gets through whichever key the remote has.
   */
  async refused(ringName: string): Promise<void> {
    const move = this.#moves.get(ringName);
    if (move?.refused() === true) return;
    await ignoringFailures(this.#options.load(() => this.#options.rings.proveAnother(ringName)));
    if (move?.hurry() !== false) return;
    this.#moves.delete(ringName);
    this.consider(ringName);
  }

  /**
   * Every key of the ring was exchanged at once: IKE SAs that prove the new one take over, those whose remote does not
   * know it end.
   */
  async replace(ringName: string, signal?: AbortSignal): Promise<void> {
    const underWay = this.#replacements.get(ringName);
    if (underWay !== undefined) return underWay;
    const replacement = this.#replace(ringName, signal).finally(() => this.#replacements.delete(ringName));
    this.#replacements.set(ringName, replacement);
    return replacement;
  }

  async #replace(ringName: string, signal: AbortSignal | undefined): Promise<void> {
    const { rings, sas, load } = this.#options;
    const connections = rings.connectionsOf(ringName);
    const deadline = AbortSignal.timeout(attemptBoundMs / 2);
    let left = await sas.established(connections, signal);
    for (const id of left) await sas.reauthenticate(id, signal);
    while (left.size > 0 && !deadline.aborted) {
      await sleep(pollMs, undefined, signal && { signal });
      left = left.intersection(await sas.established(connections, signal));
    }
    for (const id of left) await sas.end(id, signal);
    await load(() => rings.replaced(ringName, signal));
  }

  /** Stops trying; keys and SAs stay as they are. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const move of this.#moves.values()) move.stop();
    await Promise.all([...this.#moves.values()].map(({ ended }) => ended));
  }
}

/** The way of one ring to one key. */
class Move {
  readonly target: Secret;
  readonly ended: Promise<void>;
  readonly #options: KeyRotationOptions;
  readonly #ringName: string;
  readonly #stopping = new AbortController();
  /** IKE SAs that came up while charon proved the target. */
  readonly #moved = new Set<string>();
  #hurry = new AbortController();
  #failures = 0;
  #isDone = false;
  /** Counted while an attempt is under way. */
  #refusals: number | undefined;

  constructor(options: KeyRotationOptions, ringName: string, target: Secret) {
    this.#options = options;
    this.#ringName = ringName;
    this.target = target;
    this.ended = this.#run();
  }

  /** Whether a refusal was to be expected, because of an attempt. */
  refused(): boolean {
    if (this.#refusals === undefined) return false;
    this.#refusals += 1;
    return true;
  }

  /** Something has changed at the remote: tries again soon. False when all was moved and nothing is tried any more. */
  hurry(): boolean {
    this.#failures = 0;
    this.#hurry.abort();
    return !this.#isDone;
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#pause(signal);
      if (signal.aborted) return;
      this.#isDone = (await ignoringFailures(this.#attempt())) === true;
      if (this.#isDone) return;
      this.#failures += 1;
    }
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const retry = Math.min(retryMs.least * 2 ** (this.#failures - 1), retryMs.most);
    const either = AbortSignal.any([signal, this.#hurry.signal]);
    await sleep(this.#failures === 0 ? firstPauseMs : retry, undefined, { signal: either, ref: false }).catch(
      (error: unknown) => {
        if (!either.aborted) throw error;
      },
    );
    this.#hurry = new AbortController();
  }

  /** True when all IKE SAs there are have come up with the target. */
  async #attempt(): Promise<boolean> {
    const { rings, sas, load } = this.#options;
    if (await load(() => rings.isMoved(this.#ringName, this.target))) return true;
    const connections = rings.connectionsOf(this.#ringName);
    const carrying = await sas.carrying(connections);
    const before = await sas.established(connections);
    for (const id of before.difference(carrying)) await sas.endIfIdle({ id, successors: [] }, idleSeconds);
    // Then whoever begins next finds out by refusals which key it is.
    if (carrying.size === 0) return false;
    const former = await load(() => rings.proven(this.#ringName));
    await load(() => rings.prove(this.#ringName, this.target));
    const left = await this.#reauthenticate(carrying, before, connections);
    if (left.size === 0) {
      if (this.#moved.size > 0) await load(() => rings.noteMoved(this.#ringName, this.target));
      return this.#moved.size > 0;
    }
    if (former !== undefined) await load(() => rings.prove(this.#ringName, former));
    return false;
  }

  /** Resolves to those that were not moved. */
  async #reauthenticate(
    carrying: ReadonlySet<string>,
    before: ReadonlySet<string>,
    connections: ReadonlySet<string>,
  ): Promise<ReadonlySet<string>> {
    const { sas } = this.#options;
    const deadline = AbortSignal.timeout(attemptBoundMs);
    const { signal } = this.#stopping;
    const former = before.difference(this.#moved);
    let left = carrying.intersection(former);
    let now = before;
    this.#refusals = 0;
    try {
      for (const id of left) await sas.reauthenticate(id);
      while (left.size > this.#refusals && !deadline.aborted && !signal.aborted) {
        await sleep(pollMs);
        now = await sas.established(connections);
        left = left.intersection(now);
      }
    } finally {
      this.#refusals = undefined;
    }
    this.#moved.clear();
    for (const id of now.difference(former)) this.#moved.add(id);
    return left;
  }
}

/** What charon does not answer or refuses is tried again by whoever called; undefined then. */
async function ignoringFailures<T>(task: Promise<T>): Promise<T | undefined> {
  try {
    return await task;
  } catch (error) {
    if (error instanceof DatapathUnavailableError || error instanceof DatapathRefusedError) return undefined;
    throw error;
  }
}
