import type { Message, MessageInput, ViciEvent } from '@esplanade/vici';
import type { DaemonRequests, DatapathEvent } from '../datapath.ts';
import { DatapathUnavailableError } from '../errors.ts';
import { Charon } from './charon.ts';
import type { SessionOptions } from './charon-session.ts';
import { CharonWatch } from './charon-watch.ts';
import { RequestCounts } from './request-counts.ts';
import { SignOfLife } from './sign-of-life.ts';

/** Everything that changes the list of SAs, and charon's log for what explains that there are none. */
const watchedEvents = ['ike-updown', 'ike-rekey', 'ike-update', 'child-updown', 'child-rekey', 'log'];
/** Most of what goes wrong charon tells by itself; these find the rest, and that it hangs. */
const heartbeatMs = { charon: 15_000, guard: 60_000, answer: 4_000 };

/** Where the two are, and who hears of them. */
export interface DaemonPairOptions {
  readonly mainSocketPath: string;
  readonly guardSocketPath: string | undefined;
  /** The command that starts them. */
  readonly startedBy: string | undefined;
  readonly answerDeadlineMs: number | undefined;
  /** Of charon itself, before it is sent. */
  readonly onRequest: (command: string, message: MessageInput) => void;
  readonly onEvent: (charon: Charon, event: ViciEvent) => void;
  /** The commands that charon is asked next, now and then. */
  readonly nextBeat: () => readonly string[];
  readonly onReply: (charon: Charon, reply: Message, askedMs: number) => void;
  readonly prepare: (charon: Charon, signal: AbortSignal) => Promise<void>;
  readonly onStatus: () => void;
}

/**
 * The charon that negotiates, and the guard that holds the blocks where there is one: what they are, and whether they
 * answer.
 */
export class DaemonPair {
  readonly main: Charon;
  readonly guard: Charon | undefined;
  readonly mainWatch: CharonWatch;
  readonly guardWatch: CharonWatch | undefined;
  /** For further sessions with charon. */
  readonly session: WatchedSession;
  readonly #requests = new RequestCounts();

  constructor(options: DaemonPairOptions) {
    const { mainSocketPath, guardSocketPath, startedBy, answerDeadlineMs, onRequest } = options;
    const count = this.#requests.of('charon');
    this.session = {
      socketPath: mainSocketPath,
      startedBy,
      answerDeadlineMs,
      onRequest: (command, message) => {
        count.sent(command);
        onRequest(command, message);
      },
      onFailure: count.failed,
      life: new SignOfLife(),
    };
    const main = new Charon(this.session);
    this.main = main;
    this.mainWatch = watchOf(main, this.session, options, {
      eventNames: watchedEvents,
      everyMs: heartbeatMs.charon,
      commands: options.nextBeat,
    });
    if (guardSocketPath === undefined) return;
    const countGuard = this.#requests.of('guard');
    const session = {
      socketPath: guardSocketPath,
      startedBy,
      answerDeadlineMs,
      onRequest: countGuard.sent,
      onFailure: countGuard.failed,
      life: new SignOfLife(),
    };
    this.guard = new Charon(session);
    this.guardWatch = watchOf(this.guard, session, options, {
      eventNames: ['log'],
      everyMs: heartbeatMs.guard,
      commands: () => ['get-conns'],
    });
  }

  /** Each with its watch. */
  *all(): Generator<readonly [Charon, CharonWatch]> {
    yield [this.main, this.mainWatch];
    if (this.guard !== undefined && this.guardWatch !== undefined) yield [this.guard, this.guardWatch];
  }

  /** Version of charon and the sockets, for people. */
  describe(): string {
    const { status } = this.mainWatch;
    const version = status.kind === 'up' ? status.version : 'not answering';
    const guard = this.guard === undefined ? 'without guard' : `guard at ${this.guard.socketPath}`;
    return `strongSwan (${version}) at ${this.main.socketPath}, ${guard}`;
  }

  /** What they were asked. */
  requests(): readonly DaemonRequests[] {
    return this.#requests.all();
  }

  /** Both together: without the guard nothing may be changed, so it is missed as much as charon itself. */
  status(): DatapathEvent | undefined {
    const statuses = [...this.all()].map(([, watch]) => watch.status);
    const reasons = statuses.flatMap((status) => (status.kind === 'down' ? [status.reason] : []));
    if (reasons.length > 0) return { kind: 'lost', reason: reasons.join('; ') };
    return statuses.some((status) => status.kind === 'unknown') ? undefined : { kind: 'connected' };
  }

  /** Asks both now whether they answer. */
  async check(signal: AbortSignal): Promise<void> {
    await Promise.all(Array.from(this.all(), ([, watch]) => watch.check(signal)));
  }

  /**
   * Throws DatapathUnavailableError while it is known that one of them does not answer: at once, not after a deadline.
   */
  throwIfDown(): void {
    for (const [, { status }] of this.all())
      if (status.kind === 'down') throw new DatapathUnavailableError(status.reason);
  }

  /** The same of charon alone, which lists SAs. */
  throwIfMainIsDown(): void {
    const { status } = this.mainWatch;
    if (status.kind === 'down') throw new DatapathUnavailableError(status.reason);
  }

  /** Runs what asks either of them something. When that takes long, finds out whether they answer at all. */
  async whileAsking<T>(task: () => Promise<T>): Promise<T> {
    const guarded = (): Promise<T> => this.guardWatch?.whileAsking(task) ?? task();
    return this.mainWatch.whileAsking(guarded);
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.all(), ([, watch]) => watch.close()));
    for (const [charon] of this.all()) charon.close();
  }
}

/** Every session with one daemon, so that an answer to any of them is a sign of its life. */
type WatchedSession = SessionOptions & { readonly life: SignOfLife };

interface Rhythm {
  readonly eventNames: readonly string[];
  readonly everyMs: number;
  readonly commands: () => readonly string[];
}

function watchOf(
  charon: Charon,
  session: WatchedSession,
  options: DaemonPairOptions,
  { eventNames, everyMs, commands }: Rhythm,
): CharonWatch {
  return new CharonWatch({
    ...session,
    eventNames,
    onEvent: (event) => options.onEvent(charon, event),
    prepare: (signal) => options.prepare(charon, signal),
    onStatus: options.onStatus,
    heartbeat: {
      everyMs,
      answerMs: heartbeatMs.answer,
      commands,
      onReply: (reply, askedMs) => options.onReply(charon, reply, askedMs),
    },
  });
}
