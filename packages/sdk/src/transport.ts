export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** One request, ready to be sent. */
export interface ApiRequest {
  readonly method: Method;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** What came back, whatever the status. */
export interface ApiResponse {
  readonly status: number;
  /** Of a name in lower case; undefined where the answer has none. */
  header(name: string): string | undefined;
  readonly text: string;
}

/**
 * Sends a request and reads the whole answer. Rejects with {@link ConnectionError} when there is no answer, and with the
 * signal's reason when it is aborted; an answer that refuses is still an answer, and so is one that sends elsewhere: nothing is
 * sent there.
 */
export type Transport = (request: ApiRequest) => Promise<ApiResponse>;

/** How long an answer may be where nothing else is said: many times what 10,000 records are. */
export const usualAnswerLimitBytes = 64 * 1024 * 1024;

/** What is said of an answer without an end in sight. */
export function tooLong(server: string, limitBytes: number): string {
  return `The answer of ${server} is longer than the ${limitBytes} bytes that are read of one.`;
}

/** How long it may take to the end of an answer where nothing else is said: for a change what Esplanade takes at most. */
export function usualAnswerTimeoutMs({ method }: Pick<ApiRequest, 'method'>): number {
  return method === 'GET' ? 150_000 : 3_600_000;
}

/** The longest that a timer takes, 24 days; one of more is over at once. */
export const longestTimerMs = 2 ** 31 - 1;

/** A limit as a timer takes it, without one at most. Throws a RangeError where it is no time. */
export function timeLimitMs(name: string, ms: number): number {
  if (!(ms > 0)) throw new RangeError(`${name} is above 0, not ${ms}`);
  return Math.min(ms, longestTimerMs);
}
