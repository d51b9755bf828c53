import { setTimeout as sleep } from 'node:timers/promises';
import type { Message, ViciEvent } from '@esplanade/vici';
import { DatapathRefusedError, DatapathUnavailableError } from '../errors.ts';
import { CharonSession, type SessionOptions } from './charon-session.ts';

const retryPauseMs = 250;

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
  readonly everyMs: number;
  /** A command that it answers at once and that tells something worth knowing. */
  readonly command: string;
  readonly onReply: (reply: Message) => void;
}

/** Watches one charon from when it is made until it is closed: whether it answers, and its events. */
export class CharonWatch {
  readonly #options: CharonWatchOptions;
  readonly #session: CharonSession;
  readonly #closing = new AbortController();
  readonly #ended: Promise<void>;
  #stretch = new AbortController();
  #status: CharonStatus = { kind: 'unknown' };

  constructor(options: CharonWatchOptions) {
    this.#options = options;
    this.#session = new CharonSession(options);
    this.#ended = this.#run(this.#closing.signal);
  }

  get status(): CharonStatus {
    return this.#status;
  }

  /** Asks charon now, so that the status is not that of a moment ago. */
  async check(signal: AbortSignal): Promise<CharonStatus> {
    if (this.#status.kind === 'up') {
      await this.#version(signal).catch((error: unknown) => {
        this.#down(error);
        // Its event connection may look alive; everything is to begin anew.
        this.#stretch.abort(error);
      });
    }
    return this.#status;
  }

  /** All SAs of this charon, on the watch's own session, so that no load has to wait for them. */
  async listSas(signal?: AbortSignal): Promise<readonly Message[]> {
    return this.#session.list('list-sas', 'list-sa', {}, { signal, deadlineMs: 60_000 });
  }

  /** A connection as charon lists it; undefined when there is none of that name. */
  async connection(name: string, signal?: AbortSignal): Promise<Message | undefined> {
    const [row] = await this.#session.list('list-conns', 'list-conn', { ike: name }, { signal });
    return row?.section(name);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#session.close();
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
      const version = await this.#version(whole);
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
    const { everyMs, command, onReply } = this.#options.heartbeat;
    for (;;) {
      await sleep(everyMs, undefined, { signal });
      onReply(await this.#session.request(command, {}, { signal }));
    }
  }

  async #version(signal: AbortSignal): Promise<string> {
    const reply = await this.#session.request('version', {}, { signal });
    return `${reply.text('daemon') ?? 'charon'} ${reply.text('version') ?? 'of unknown version'}`;
  }

  async #again(signal: AbortSignal): Promise<void> {
    try {
      await sleep(retryPauseMs, undefined, { signal });
      await this.#session.ready(signal);
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
