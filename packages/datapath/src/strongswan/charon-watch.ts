import { setTimeout as sleep } from 'node:timers/promises';
import type { CallOptions, Message, ViciEvent } from '@esplanade/vici';
import { DatapathRefusedError, DatapathUnavailableError } from '../errors.ts';
import { CharonSession, type SessionOptions } from './charon-session.ts';

const retryPauseMs = 250;
/** What charon is asked is answered within milliseconds, save where thousands are listed. */
const overdueMs = 1_500;

/** Whether a charon answers. */
export type CharonStatus =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'up'; readonly version: string }
  | { readonly kind: 'down'; readonly reason: string };

/** What the watch tells its owner. */
export interface CharonWatchOptions extends SessionOptions {
  /** Events to listen for; those that this charon does not know are left out. */
  readonly eventNames: readonly string[];
  readonly onEvent: (event: ViciEvent) => void;
  /** Called when charon answers (again), before it counts as up; until it succeeds, charon counts as down. */
  readonly prepare: (signal: AbortSignal) => Promise<void>;
  readonly onStatus: (status: CharonStatus) => void;
  readonly heartbeat: Heartbeat;
}

/** What charon is asked now and then: one that accepts but never answers gives no other sign. */
export interface Heartbeat {
  /** Pause after the last answer to anything; while SAs are listed often, twice that after the last beat. */
  readonly everyMs: number;
  /** A charon that takes longer counts as one that hangs. */
  readonly answerMs: number;
  /** The next command: one that it answers at once and that tells something worth knowing. */
  readonly command: () => string;
  readonly onReply: (reply: Message) => void;
}

/** Watches one charon from when it is made until it is closed: whether it answers, and its events. */
export class CharonWatch {
  readonly #options: CharonWatchOptions;
  readonly #session: CharonSession;
  /** For what must not wait behind a long listing. */
  readonly #pulse: CharonSession;
  readonly #closing = new AbortController();
  readonly #ended: Promise<void>;
  #stretch = new AbortController();
  #status: CharonStatus = { kind: 'unknown' };
  #answeredMs = 0;

  constructor(options: CharonWatchOptions) {
    this.#options = options;
    this.#session = new CharonSession(options);
    this.#pulse = new CharonSession(options);
    this.#ended = this.#run(this.#closing.signal);
  }

  get status(): CharonStatus {
    return this.#status;
  }

  /** Asks charon now, so that the status is not that of a moment ago. */
  async check(signal: AbortSignal): Promise<CharonStatus> {
    if (this.#status.kind === 'up') {
      const { answerMs } = this.#options.heartbeat;
      await this.#version({ signal, deadlineMs: answerMs }).catch((error: unknown) => {
        if (signal.aborted) return;
        this.#down(error);
        // Its event connection may look alive; everything is to begin anew.
        this.#stretch.abort(error);
      });
    }
    return this.#status;
  }

  /** Runs what asks this charon something. When that takes long, finds out whether charon answers at all. */
  async whileAsking<T>(task: () => Promise<T>): Promise<T> {
    const overdue = setTimeout(() => void this.check(this.#closing.signal), overdueMs).unref();
    try {
      return await task();
    } finally {
      clearTimeout(overdue);
    }
  }

  /** Asks this now, rather than when the next beat is due. */
  beat(command: string): void {
    const { answerMs, onReply } = this.#options.heartbeat;
    const { signal } = this.#stretch;
    void this.#pulse
      .request(command, {}, { signal, deadlineMs: answerMs })
      .then(onReply)
      .catch((error: unknown) => this.#stretch.abort(error));
  }

  /** All SAs of this charon, on the watch's own session, so that no load has to wait for them. */
  async listSas(signal?: AbortSignal): Promise<readonly Message[]> {
    const rows = await this.whileAsking(() =>
      this.#session.list('list-sas', 'list-sa', {}, { signal, deadlineMs: 60_000 }),
    );
    this.#answeredMs = performance.now();
    return rows;
  }

  /** All connections as charon lists them, under their names. */
  async connections(signal?: AbortSignal): Promise<readonly (readonly [string, Message])[]> {
    const rows = await this.#session.list('list-conns', 'list-conn', {}, { signal, deadlineMs: 60_000 });
    return rows.flatMap((row) => row.sections());
  }

  /** A connection as charon lists it; undefined when there is none of that name. */
  async connection(name: string, signal?: AbortSignal): Promise<Message | undefined> {
    const [row] = await this.#session.list('list-conns', 'list-conn', { ike: name }, { signal });
    return row?.section(name);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#session.close();
    this.#pulse.close();
    await this.#ended;
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#follow(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#down(error);
      }
      await this.#again(signal);
    }
  }

  /** One stretch of charon being up. Ends only by throwing. */
  async #follow(signal: AbortSignal): Promise<void> {
    const stretch = new AbortController();
    this.#stretch = stretch;
    const whole = AbortSignal.any([signal, stretch.signal]);
    try {
      const version = await this.#version({ signal: whole });
      const events = await this.#session.events(this.#options.eventNames, whole);
      await this.#options.prepare(whole);
      this.#set({ kind: 'up', version });
      void this.#beat(whole).catch((error: unknown) => stretch.abort(error));
      for await (const event of events) this.#options.onEvent(event);
    } finally {
      stretch.abort();
    }
  }

  async #beat(signal: AbortSignal): Promise<never> {
    const { everyMs, answerMs, command, onReply } = this.#options.heartbeat;
    let beatMs = performance.now();
    this.#answeredMs = beatMs;
    for (;;) {
      for (let waitMs = everyMs; waitMs > 0; ) {
        await sleep(waitMs, undefined, { signal });
        const dueMs = Math.min(this.#answeredMs + everyMs, beatMs + 2 * everyMs);
        waitMs = Math.ceil(dueMs - performance.now());
      }
      onReply(await this.#pulse.request(command(), {}, { signal, deadlineMs: answerMs }));
      beatMs = performance.now();
      this.#answeredMs = beatMs;
    }
  }

  async #version(options: CallOptions): Promise<string> {
    const reply = await this.#pulse.request('version', {}, options);
    return `${reply.text('daemon') ?? 'charon'} ${reply.text('version') ?? 'of unknown version'}`;
  }

  async #again(signal: AbortSignal): Promise<void> {
    try {
      await sleep(retryPauseMs, undefined, { signal });
      await this.#pulse.ready(signal);
    } catch (error) {
      if (!signal.aborted) this.#down(error);
    }
  }

  #down(error: unknown): void {
    if (this.#status.kind === 'down') return;
    const reason = error instanceof Error ? error.message : String(error);
    const isSentence = error instanceof DatapathUnavailableError || error instanceof DatapathRefusedError;
    const subject = `charon at ${this.#session.socketPath} gives no answer`;
    this.#set({ kind: 'down', reason: isSentence ? reason : `${subject}: ${reason}` });
  }

  #set(status: CharonStatus): void {
    this.#status = status;
    this.#options.onStatus(status);
  }
}
