import type { DaemonRequests } from '../datapath.ts';

/** Counts the commands that are sent to the daemons of an IPspace. There are as many counts as commands that we use. */
export class RequestCounts {
  readonly #counts = { charon: new Map<string, number>(), guard: new Map<string, number>() };

  /** What a session of this daemon calls for each command. */
  of(daemon: DaemonRequests['daemon']): (command: string) => void {
    const counts = this.#counts[daemon];
    return (command) => counts.set(command, (counts.get(command) ?? 0) + 1);
  }

  /** Everything so far. */
  all(): readonly DaemonRequests[] {
    const rows = (daemon: DaemonRequests['daemon']): readonly DaemonRequests[] =>
      Array.from(this.#counts[daemon], ([command, count]) => ({ daemon, command, count }));
    return [...rows('charon'), ...rows('guard')];
  }
}
