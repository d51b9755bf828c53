import { ConnectionError, UnavailableError } from './errors.ts';
import { longestTimerMs } from './transport.ts';

/** Longer than this is for the caller to wait. */
const longestWaitSeconds = 10;

/**
 * Does it, and again up to `retries` times where nothing answered, or what answered asked to wait a little. Only for what
 * may be done twice.
 */
export async function retrying<T>(
  retries: number,
  signal: AbortSignal | undefined,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let failed = 0; ; failed += 1) {
    try {
      return await attempt();
    } catch (error) {
      const waitMs = waitMsAfter(error, failed);
      if (failed >= retries || waitMs === undefined) throw error;
      await delay(waitMs, signal);
    }
  }
}

/** Undefined where another attempt is of no use. */
function waitMsAfter(error: unknown, failed: number): number | undefined {
  if (error instanceof ConnectionError)
    return error.isMomentary ? Math.random() * 200 * 2 ** failed : undefined;
  if (!(error instanceof UnavailableError)) return undefined;
  const { retryAfterSeconds = Number.POSITIVE_INFINITY } = error;
  return retryAfterSeconds <= longestWaitSeconds ? retryAfterSeconds * 1_000 : undefined;
}

/** Resolves after so long, or as long as a timer takes; rejects with the signal's reason when it is aborted. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      },
      Math.min(ms, longestTimerMs),
    );
    signal?.addEventListener('abort', stop, { once: true });
  });
}
