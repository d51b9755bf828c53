import { setTimeout as sleep } from 'node:timers/promises';
import type { CallOptions, Message, ViciEvent } from '@esplanade/vici';
import { DatapathRefusedError, DatapathUnavailableError } from '../errors.ts';
import { CharonSession, type SessionOptions } from './charon-session.ts';
import type { SignOfLife } from './sign-of-life.ts';

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
  /** Of this charon, shared by all its sessions. */
  readonly life: SignOfLife;
}

/** What charon is asked now and then: one that accepts but never answers gives no other sign. */
export interface Heartbeat {
  /** Pause after the last answer. */
  readonly everyMs: number;
  /** A charon that takes longer, and answers nothing else meanwhile, counts as one that hangs. */
  readonly answerMs: number;
  /** The next commands: such that it answers at once and that tell something worth knowing. */
  readonly commands: () => readonly string[];
  /** `askedMs` (performance.now): the answer may be older than what was done since. */
  readonly onReply: (reply: Message, askedMs: number) => void;
}

/** Which SAs charon is asked for; all where nothing is said. */
export interface ListedSas {
  /** The name of their connection. */
  readonly ike?: string;
  /** The name that CHILD SAs have; of others only the IKE SAs are listed. */
  readonly child?: string;
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
      const { heartbeat, life } = this.#options;
      const askedMs = performance.now();
      await this.#version({ signal, deadlineMs: heartbeat.answerMs }).catch((error: unknown) => {
        if (signal.aborted || life.isSince(askedMs)) return;
        this.#down(error);
        // Its event connection may look alive; everything is to begin anew.
        this.#stretch.abort(error);
      });
    }
    return this.#status;
  }

  /** Runs what asks this charon something. Whenever charon is silent for long, finds out whether it answers at all. */
  async whileAsking<T>(task: () => Promise<T>): Promise<T> {
    const overdue = setInterval(() => {
      if (!this.#options.life.isSince(performance.now() - overdueMs)) void this.check(this.#closing.signal);
    }, overdueMs).unref();
    try {
      return await task();
    } finally {
      clearInterval(overdue);
    }
  }

  /** Asks this now, rather than when the next beat is due. */
  beat(command: string): void {
    const { signal } = this.#stretch;
    void this.#ask(command, signal).catch((error: unknown) => this.#stretch.abort(error));
  }

  /** SAs of this charon, all or those of `which`, on the watch's own session, so that no load has to wait for them. */
  async listSas(signal?: AbortSignal, which: ListedSas = {}): Promise<readonly Message[]> {
    return this.whileAsking(() =>
      this.#session.list('list-sas', 'list-sa', { ...which }, { signal, deadlineMs: 60_000 }),
    );
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
    const { everyMs, commands } = this.#options.heartbeat;
    for (;;) {
      await sleep(everyMs, undefined, { signal });
      for (const command of commands()) await this.#ask(command, signal);
    }
  }

  /** Asks again as long as charon is late with this answer only. */
  async #ask(command: string, signal: AbortSignal): Promise<void> {
    const { heartbeat, life } = this.#options;
    for (;;) {
      const askedMs = performance.now();
      try {
        const options = { signal, deadlineMs: heartbeat.answerMs };
        heartbeat.onReply(await this.#pulse.request(command, {}, options), askedMs);
        return;
      } catch (error) {
        const isLate = error instanceof DatapathUnavailableError && life.isSince(askedMs);
        if (!isLate || signal.aborted) throw error;
      }
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
