/** Work that is done again and again. */
export interface PeriodicWork {
  /** Begins nothing more. Resolves once what had begun has ended. */
  close(): Promise<void>;
}

/**
 * Does the work every `everyMs` milliseconds, the first time after as long, and never twice at once: a turn that comes while the
 * last one still runs is left out. Keeps no process alive. The work itself tells what goes wrong: it must not throw.
 */
export function doEvery(everyMs: number, work: () => Promise<void>): PeriodicWork {
  let running: Promise<void> | undefined;
  const turns = setInterval(() => {
    running ??= work().finally(() => {
      running = undefined;
    });
  }, everyMs).unref();
  return {
    close: async () => {
      clearInterval(turns);
      await running;
    },
  };
}
