import { ConnectionError, UnexpectedAnswerError } from './errors.ts';
import {
  type ApiRequest,
  type ApiResponse,
  type Transport,
  timeLimitMs,
  tooLong,
  usualAnswerLimitBytes,
  usualAnswerTimeoutMs,
} from './transport.ts';

/** How `fetch` is used; everything has a default. */
export interface FetchTransportOptions {
  /**
   * How long it may take from the request to the end of the answer, however much is said in between. Default: 150 s when it
   * is read, an hour when something changes, which is what Esplanade takes at most. Node's own `fetch` waits 300 s for the
   * next byte and no longer.
   */
  readonly answerTimeoutMs?: number | undefined;
  /** How long an answer may be: 64 MiB. */
  readonly answerLimitBytes?: number | undefined;
}

/** Sends with the `fetch` of the browser, or of Node. */
export function fetchTransport({
  answerTimeoutMs,
  answerLimitBytes = usualAnswerLimitBytes,
}: FetchTransportOptions = {}): Transport {
  const limitMs = answerTimeoutMs === undefined ? undefined : timeLimitMs('answerTimeoutMs', answerTimeoutMs);
  return async (request) => {
    const { method, url, signal } = request;
    const outgoing = requestOf(request);
    const timeoutMs = limitMs ?? usualAnswerTimeoutMs(request);
    const ending = new AbortController();
    const deadline = setTimeout(() => ending.abort(), timeoutMs);
    const ended = signal === undefined ? ending.signal : AbortSignal.any([signal, ending.signal]);
    try {
      return await exchange(outgoing, ended, answerLimitBytes);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof ConnectionError || error instanceof UnexpectedAnswerError) throw error;
      if (ending.signal.aborted)
        throw new ConnectionError(`${url.origin} did not answer in ${timeoutMs / 1000} s.`, {
          isMomentary: false,
          mayBeDone: method !== 'GET',
        });
      const reason = reasonOf(error);
      const { message, code } = reason;
      const isDistrust = /CERT|SIGNATURE|TLS|SSL/.test(code);
      throw new ConnectionError(`No answer from ${url.origin}: ${message}`, {
        cause: error,
        mayPass: !isDistrust && !isNoHttp(reason),
        ...(lasting.test(code) && { isMomentary: false }),
        mayBeDone: method !== 'GET' && !isDistrust && !unsent.test(code),
      });
    } finally {
      clearTimeout(deadline);
    }
  };
}

/** Throws a TypeError where it cannot be sent: that is no failure of the connection. */
function requestOf({ method, url, headers, body }: ApiRequest): Request {
  return new Request(url, {
    method,
    headers,
    // Whoever is sent elsewhere would take the password and the body along.
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
  });
}

async function exchange(request: Request, signal: AbortSignal, limitBytes: number): Promise<ApiResponse> {
  const response = await fetch(request, { signal });
  const { method } = request;
  const url = new URL(request.url);
  const { type, status } = response;
  // Browsers do not tell what Node shows as an answer with its status.
  if (type === 'opaqueredirect')
    throw new UnexpectedAnswerError(
      status,
      `${method} ${url.origin}${url.pathname} was answered with another address, where nothing is sent`,
    );
  const text = await wholeText(response, limitBytes);
  if (text === undefined)
    throw new ConnectionError(tooLong(url.origin, limitBytes), {
      mayPass: false,
      mayBeDone: method !== 'GET',
    });
  return { status, header: (name) => response.headers.get(name) ?? undefined, text };
}

/** Undefined where it is longer than that. */
async function wholeText({ body }: Response, limitBytes: number): Promise<string | undefined> {
  if (body === null) return '';
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (let bytes = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.length;
    if (bytes > limitBytes) {
      await reader.cancel();
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** Node's codes of connections that never were; a browser tells none. */
const unsent = /^(?:ECONNREFUSED|EAI_AGAIN|E(?:HOST|NET)UNREACH|ENOTFOUND|UND_ERR_CONNECT_TIMEOUT)$/;

/** Node's codes of what does not change at once. */
const lasting = /^(?:EAI_AGAIN|E(?:HOST|NET)UNREACH|ENOTFOUND|ETIMEDOUT|UND_ERR_\w+_TIMEOUT)$/;

/** Whether what came is no answer of HTTP, in Node's words: neither is the next one. */
function isNoHttp({ name, code, message }: Reason): boolean {
  return name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW' || message === 'bad upgrade';
}

interface Reason {
  readonly name: string;
  readonly message: string;
  readonly code: string;
}

/** `fetch` itself says only that it failed; why stands in the cause, where it is told at all. */
function reasonOf(error: unknown): Reason {
  if (!(error instanceof Error)) return { name: '', message: String(error), code: '' };
  const reason = error.cause instanceof Error ? error.cause : error;
  const code = 'code' in reason && typeof reason.code === 'string' ? reason.code : '';
  // Of several addresses that were tried none has the word.
  return { name: reason.name, message: reason.message || code, code };
}
