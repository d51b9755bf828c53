import type { ObservedSa } from '@esplanade/datapath';
import type { SteadyClock } from './clock.ts';
import type { SadReading, SadSnapshot } from './reconciler.ts';
import { snapshotOf } from './sad-snapshot.ts';

/** How often the SAD is listed, in milliseconds. */
export interface SadTiming {
  /** From one listing to the next while somebody reads. */
  readonly activeMs: number;
  /** The same while nobody does. */
  readonly idleMs: number;
  /** How long after the last reading somebody still counts as reading. */
  readonly interestMs: number;
  /**
   * From a hint to the listing, at least: hints come in swarms. Longer where listing takes long, as with very many SAs, but no
   * longer than `activeMs`.
   */
  readonly hintMs: number;
  /** How long listing may fail before the last snapshot is called stale. */
  readonly staleMs: number;
}

/** Keeps readings within two seconds (decision 6) and asks little when nobody reads. */
export const defaultSadTiming: SadTiming = {
  activeMs: 1_500,
  idleMs: 60_000,
  interestMs: 10_000,
  hintMs: 50,
  staleMs: 5_000,
};

/** How many times as long as the last replacement of the snapshot took nothing is done about hints: they may never end. */
const restShare = 3;

/** An answer that has not come, since when, and why. */
interface OwedAnswer {
  readonly sinceMs: number;
  readonly reason: string;
}

const unlisted = 'the security associations have not been listed yet';
const beingListed = 'the security associations have been asked for, and have not come yet';

/** Where SAs come from and who hears of them. */
export interface SadOptions {
  /** Lists all SAs; rejects when there is no answer, after a bound of its own. */
  readonly list: () => Promise<readonly ObservedSa[]>;
  readonly onSnapshot: (snapshot: SadSnapshot) => void;
  readonly clock: SteadyClock;
  readonly timing: SadTiming;
}

/**
 * The observed SAD (decision 6): a snapshot that is replaced as a whole, read without waiting. Listings are asked for
 * one at a time: after a hint, at intervals while somebody reads, and now and then anyway.
 */
export class Sad {
  readonly #options: SadOptions;
  readonly #timing: SadTiming;
  #snapshot: SadSnapshot | undefined;
  /** What was listed last: the same array again is no news, and need not be sorted and looked through. */
  #listed: readonly ObservedSa[] | undefined;
  /** The answer that is owed; absent while the last listing succeeded and no other is asked for. */
  #owed: OwedAnswer | undefined;
  #lastReadMs = Number.NEGATIVE_INFINITY;
  #attemptedMs = Number.NEGATIVE_INFINITY;
  /** When the snapshot was last replaced, and how long that took. */
  #replacedMs = Number.NEGATIVE_INFINITY;
  #tookMs = 0;
  #isListing = false;
  #isHinted = false;
  #known: () => readonly ObservedSa[] | undefined = () => undefined;
  #isHeeding = false;
  #cancelHeed = (): void => undefined;
  #dueMs = Number.POSITIVE_INFINITY;
  #cancelTimer = (): void => undefined;
  #isClosed = false;

  constructor(options: SadOptions) {
    this.#options = options;
    this.#timing = options.timing;
  }

  /** What is known now. Never waits; that it was asked keeps the next listings close together. */
  read(): SadReading {
    this.#lastReadMs = this.#options.clock.steadyMs();
    this.#listBy(this.#attemptedMs + this.#timing.activeMs);
    return this.peek();
  }

  /** What is known now, for somebody who takes it as old as it is. */
  peek(): SadReading {
    const snapshot = this.#snapshot;
    const owed = this.#owed;
    if (snapshot === undefined) return { kind: 'unavailable', reason: owed?.reason ?? unlisted };
    if (owed === undefined || this.#options.clock.steadyMs() - owed.sinceMs <= this.#timing.staleMs)
      return { kind: 'current', snapshot };
    return { kind: 'stale', snapshot, reason: owed.reason };
  }

  /**
   * Something has changed: list soon, and once more if a listing is under way that may have missed it. Where `known`
   * gives the SAs there are now, nobody is asked, and counters stay as old as the last listing.
   */
  hint(known?: () => readonly ObservedSa[] | undefined): void {
    if (known === undefined) this.#isHinted = true;
    else this.#known = known;
    if (this.#isHeeding || this.#isClosed) return;
    this.#isHeeding = true;
    this.#cancelHeed = this.#options.clock.after(this.#timing.hintMs, () => void this.#heed());
  }

  /** The datapath answers (again): what kept it from it is over. */
  connected(): void {
    if (this.#owed !== undefined) this.#owe(beingListed);
    this.hint();
  }

  /** The datapath is known not to answer, and why. */
  lost(reason: string): void {
    this.#owe(reason);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTimer();
    this.#cancelHeed();
  }

  async #heed(): Promise<void> {
    const { clock } = this.#options;
    const restMs = this.#restMs();
    if (restMs > 0) {
      this.#cancelHeed = clock.after(restMs, () => void this.#heed());
      return;
    }
    this.#isHeeding = false;
    const beganMs = clock.steadyMs();
    const before = this.#snapshot;
    const rows = this.#isHinted || this.#isListing ? undefined : this.#known();
    const known = rows && before && (await snapshotOf(rows, before.observedAtMs));
    // Where another one has come in meanwhile, only a listing tells which is newer.
    if (known !== undefined && this.#snapshot === before) {
      this.#listed = undefined;
      this.#replace(known);
      this.#tookSince(beganMs);
    } else {
      this.#isHinted = true;
      this.#listBy(clock.steadyMs());
    }
  }

  #tookSince(beganMs: number): void {
    this.#replacedMs = this.#options.clock.steadyMs();
    this.#tookMs = this.#replacedMs - beganMs;
  }

  /** How long hints have to wait yet, so that there is time for everything else. */
  #restMs(): number {
    const restMs = Math.min(this.#timing.activeMs, restShare * this.#tookMs);
    return this.#replacedMs + restMs - this.#options.clock.steadyMs();
  }

  #owe(reason: string): void {
    this.#owed = { sinceMs: this.#owed?.sinceMs ?? this.#options.clock.steadyMs(), reason };
  }

  #replace(snapshot: SadSnapshot): void {
    this.#snapshot = snapshot;
    this.#options.onSnapshot(snapshot);
  }

  #listBy(dueMs: number): void {
    if (this.#isClosed || this.#isListing || dueMs >= this.#dueMs) return;
    this.#cancelTimer();
    this.#dueMs = dueMs;
    const delayMs = Math.max(0, dueMs - this.#options.clock.steadyMs());
    this.#cancelTimer = this.#options.clock.after(delayMs, () => void this.#list());
  }

  async #list(): Promise<void> {
    const { clock, list } = this.#options;
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#isListing = true;
    this.#isHinted = false;
    this.#attemptedMs = clock.steadyMs();
    const observedAtMs = clock.nowMs();
    this.#owed ??= { sinceMs: this.#attemptedMs, reason: beingListed };
    try {
      const rows = await list();
      // Counters were read at some moment of the listing; its beginning is the one that never flatters their age.
      if (this.#snapshot !== undefined && rows === this.#listed)
        this.#snapshot = { ...this.#snapshot, observedAtMs };
      else this.#replace(await snapshotOf(rows, observedAtMs));
      this.#listed = rows;
      this.#owed = undefined;
      this.#tookSince(this.#attemptedMs);
    } catch (error) {
      this.#owe(error instanceof Error ? error.message : String(error));
    }
    this.#isListing = false;
    const nowMs = clock.steadyMs();
    const { activeMs, idleMs, hintMs, interestMs } = this.#timing;
    const isRead = nowMs - this.#lastReadMs < interestMs;
    this.#listBy(nowMs + (this.#isHinted ? Math.max(hintMs, this.#restMs()) : isRead ? activeMs : idleMs));
  }
}
