import { setTimeout as delay } from 'node:timers/promises';
import type { AuditDestination, DesiredState } from '@esplanade/desired';
import type { Clock } from '@esplanade/reconciler';
import { reasonOf } from '../settings.ts';
import { syslogMessage } from './syslog-message.ts';
import type { SyslogSender } from './syslog-sender.ts';

/** What a feed reads, and where it sends it. */
export interface MirrorFeedOptions {
  readonly desired: Pick<DesiredState, 'readAudit' | 'auditHead'>;
  readonly nodeName: () => string;
  readonly clock: Clock;
  readonly open: (destination: AuditDestination, onBroken: () => void) => SyslogSender;
  readonly onNews: (kind: 'trouble' | 'mended', sentence: string) => void;
  readonly destination: AuditDestination;
  /** The destination, for people. */
  readonly name: string;
  /** The last entry that it has. */
  readonly position: number;
}

/** Entries read and sent at once. */
const portion = 100;
/** How often the log is looked at where nobody says that there is something new. */
const lookMs = 1_000;
/** What was sent so long before a connection breaks has arrived; what was sent later is sent again. */
const settleMs = 2_000;
const longestEndMs = 1_000;
/** Pauses after failures, growing. */
const pausesMs = [1_000, 2_000, 5_000, 10_000, 30_000] as const;

/** Sends the log to one destination, entry after entry, as fast as that takes them. */
export class MirrorFeed {
  readonly destination: AuditDestination;
  readonly #options: MirrorFeedOptions;
  readonly #sender: SyslogSender;
  readonly #ended: Promise<void>;
  /** The last entry that was sent. */
  #position: number;
  /** The last one that can be taken to have arrived. */
  #settled: number;
  /** What was sent a moment ago: the last entry of each portion, and when. */
  #underway: readonly { readonly last: number; readonly atMs: number }[] = [];
  #isPlaced = false;
  #lost = 0;
  #failures = 0;
  #isClosed = false;
  #wake: () => void = () => undefined;

  constructor(options: MirrorFeedOptions) {
    this.#options = options;
    this.destination = options.destination;
    this.#position = options.position;
    this.#settled = options.position;
    this.#sender = options.open(options.destination, () => this.#goBack());
    this.#ended = this.#run();
  }

  /** The last entry that can be taken to have arrived. */
  get position(): number {
    this.#settle();
    return this.#settled;
  }

  /** Entries that were gone from the log before they could be sent. */
  get lost(): number {
    return this.#lost;
  }

  /** There may be something new. */
  wake(): void {
    if (this.#failures === 0) this.#wake();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#sender.close();
    this.#wake();
    // What looks up a name cannot be interrupted.
    await Promise.race([this.#ended, delay(longestEndMs, undefined, { ref: false })]);
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      const pauseMs = await this.#attempt();
      if (pauseMs > 0 && !this.#isClosed) await this.#pause(pauseMs);
    }
  }

  /** Sends what there is; how long to wait then. */
  async #attempt(): Promise<number> {
    const { onNews, name } = this.#options;
    try {
      const isMore = await this.#sendPortion();
      if (this.#failures > 0) onNews('mended', `the audit log is sent to ${name} again`);
      this.#failures = 0;
      return isMore ? 0 : lookMs;
    } catch (error) {
      if (this.#isClosed) return 0;
      this.#goBack();
      this.#failures += 1;
      if (this.#failures === 1)
        onNews('trouble', `the audit log cannot be sent to ${name} (${reasonOf(error)}); it is tried again`);
      return pausesMs[Math.min(this.#failures, pausesMs.length) - 1] ?? lookMs;
    }
  }

  async #sendPortion(): Promise<boolean> {
    const { desired, destination, nodeName, onNews, name } = this.#options;
    if (!this.#isPlaced) await this.#place();
    const position = this.#position;
    const entries = await desired.readAudit({ after: position, limit: portion });
    const [first] = entries;
    const last = entries.at(-1);
    if (first === undefined || last === undefined) return false;
    const missing = first.index - position - 1;
    if (missing > 0) {
      this.#lost += missing;
      onNews('trouble', `${missing} entries of the audit log were trimmed before ${name} had them`);
      this.#position = first.index - 1;
    }
    const host = nodeName();
    await this.#sender.send(entries.map((entry) => syslogMessage(entry, destination.facility, host)));
    this.#position = last.index;
    this.#settle();
    this.#underway = [...this.#underway, { last: last.index, atMs: performance.now() }];
    return entries.length === portion;
  }

  /** After a restore the log may end before what the destination has. */
  async #place(): Promise<void> {
    const { last } = await this.#options.desired.auditHead();
    this.#position = Math.min(this.#position, last);
    this.#settled = this.#position;
    this.#isPlaced = true;
  }

  /** What was sent on a connection that has lasted since then has arrived, as far as anybody can tell. */
  #settle(): void {
    const sinceMs = performance.now() - settleMs;
    const arrived = this.#underway.findLast(({ atMs }) => atMs <= sinceMs);
    if (arrived === undefined) return;
    this.#settled = arrived.last;
    this.#underway = this.#underway.filter(({ atMs }) => atMs > sinceMs);
  }

  /** Sends once more what was on its way when the connection broke. */
  #goBack(): void {
    this.#settle();
    this.#underway = [];
    this.#position = this.#settled;
  }

  async #pause(pauseMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const cancel = this.#options.clock.after(pauseMs, resolve);
    await promise;
    cancel();
  }
}
