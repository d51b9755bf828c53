import type { DaemonRequests } from '../datapath.ts';

interface Counts {
  count: number;
  refused: number;
  unanswered: number;
}

/** What a session tells of its commands. */
export interface CommandCounter {
  sent(command: string): void;
  failed(command: string, how: 'refused' | 'unanswered'): void;
}

/** Counts the commands that are sent to the daemons of an IPspace. There are as many counts as commands that we use. */
export class RequestCounts {
  readonly #counts = { charon: new Map<string, Counts>(), guard: new Map<string, Counts>() };

  /** What a session of this daemon tells its commands to. */
  of(daemon: DaemonRequests['daemon']): CommandCounter {
    const counts = this.#counts[daemon];
    const of = (command: string): Counts => {
      const known = counts.get(command) ?? { count: 0, refused: 0, unanswered: 0 };
      counts.set(command, known);
      return known;
    };
    return {
      sent: (command) => {
        of(command).count += 1;
      },
      failed: (command, how) => {
        of(command)[how] += 1;
      },
    };
  }

  /** Everything so far. */
  all(): readonly DaemonRequests[] {
    const rows = (daemon: DaemonRequests['daemon']): readonly DaemonRequests[] =>
      Array.from(this.#counts[daemon], ([command, counts]) => ({ daemon, command, ...counts }));
    return [...rows('charon'), ...rows('guard')];
  }
}
