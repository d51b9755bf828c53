import { lookup } from 'node:dns/promises';
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { type FetchGuard, literalAddress, portOf, type UrlObstacle } from './fetch-guard.ts';

/** What came of a fetch: the body, or a sentence that says why there is none and nothing of what was answered. */
export type Fetched =
  | { readonly kind: 'fetched'; readonly bytes: Uint8Array }
  | { readonly kind: 'failed'; readonly why: string };

/** Gets what is behind a URL, once. Never throws for what is at the other end. */
export type Fetch = (url: string, signal: AbortSignal) => Promise<Fetched>;

/** What limits a fetch. */
export interface FetchOptions {
  readonly guard: FetchGuard;
  /** The addresses of a name; the system's unless given. */
  readonly resolve?: (name: string) => Promise<readonly string[]>;
  /** For everything together, names and redirects included. */
  readonly timeLimitMs?: number;
  readonly mostBytes: number;
}

const defaultTimeLimitMs = 20_000;
const mostRedirects = 3;
const redirects: readonly number[] = [301, 302, 303, 307, 308];

/** Why a URL cannot be fetched from, a sentence. */
export const urlSentences: Readonly<Record<UrlObstacle, string>> = {
  unreadable: 'It is no URL.',
  scheme: 'Only http and https are fetched from.',
  credentials: 'It holds a user name or a password.',
  port: 'Its port is not one that may be fetched from: 80, 443, or one that --crl-fetch-allow names.',
  address:
    'It leads to no address that may be fetched from: one that is public, or that --crl-fetch-allow names.',
};

/**
 * Makes a fetch that goes only where the guard lets it: the very address that was checked is the one connected to, each
 * redirect is checked anew, no proxy of the environment is used, and size and time are limited.
 */
export function guardedFetch(options: FetchOptions): Fetch {
  return async (url, signal) => {
    const timeLimit = AbortSignal.timeout(options.timeLimitMs ?? defaultTimeLimitMs);
    const either = AbortSignal.any([signal, timeLimit]);
    try {
      return { kind: 'fetched', bytes: await new Attempt(options, either).follow(url) };
    } catch (error) {
      if (signal.aborted) return failed('The server is being shut down.');
      if (timeLimit.aborted) return failed('It took too long.');
      return failed(error instanceof FetchError ? error.message : sentenceOf(error));
    }
  };
}

/** An end of a fetch that has its sentence. */
class FetchError extends Error {
  override readonly name = 'FetchError';
}

class Attempt {
  readonly #options: FetchOptions;
  readonly #signal: AbortSignal;

  constructor(options: FetchOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  async follow(first: string): Promise<Uint8Array> {
    let next = first;
    for (let followed = 0; followed <= mostRedirects; followed += 1) {
      const url = this.#options.guard.readUrl(next);
      if (!(url instanceof URL))
        throw new FetchError(followed === 0 ? urlSentences[url] : `Of a redirect: ${urlSentences[url]}`);
      const response = await this.#get(url);
      const { statusCode = 0, headers } = response;
      if (statusCode === 200) return this.#body(response);
      response.destroy();
      if (!redirects.includes(statusCode) || headers.location === undefined)
        throw new FetchError(`The answer had status ${statusCode}.`);
      next = URL.parse(headers.location, url.href)?.href ?? '';
    }
    throw new FetchError(`It was redirected more than ${mostRedirects} times.`);
  }

  /** Tries the addresses that are allowed, one after the other. */
  async #get(url: URL): Promise<IncomingMessage> {
    const addresses = await this.#addressesOf(url);
    const allowed = addresses.filter((address) => this.#options.guard.mayConnect(address, portOf(url)));
    let last: unknown = new FetchError(urlSentences.address);
    for (const address of allowed) {
      try {
        return await this.#ask(url, address);
      } catch (error) {
        if (this.#signal.aborted) throw error;
        last = error;
      }
    }
    throw last;
  }

  /** A name that does not resolve reads as one that leads to no allowed address: which names there are is not told. */
  async #addressesOf(url: URL): Promise<readonly string[]> {
    const literal = literalAddress(url);
    if (literal !== undefined) return [literal];
    try {
      return await orAborted((this.#options.resolve ?? resolveBySystem)(url.hostname), this.#signal);
    } catch (error) {
      if (this.#signal.aborted) throw error;
      throw new FetchError(urlSentences.address, { cause: error });
    }
  }

  #ask(url: URL, address: string): Promise<IncomingMessage> {
    const isSecure = url.protocol === 'https:';
    const isName = literalAddress(url) === undefined;
    const options = {
      // An agent of its own: the global one may have been told of a proxy.
      agent: isSecure ? new HttpsAgent() : new HttpAgent(),
      host: address,
      port: portOf(url),
      path: `${url.pathname}${url.search}`,
      headers: { host: url.host, accept: '*/*', 'accept-encoding': 'identity' },
      signal: this.#signal,
      ...(isSecure && isName && { servername: url.hostname }),
    };
    return new Promise((resolve, reject) => {
      const request = (isSecure ? requestHttps : requestHttp)(options, resolve);
      request.on('error', reject);
      request.end();
    });
  }

  async #body(response: IncomingMessage): Promise<Uint8Array> {
    const { mostBytes } = this.#options;
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response) {
      size += chunk.length;
      // Leaving the loop destroys the response.
      if (size > mostBytes) throw new FetchError(`The answer is larger than ${mostBytes} bytes.`);
      chunks.push(chunk);
    }
    return new Uint8Array(Buffer.concat(chunks));
  }
}

async function resolveBySystem(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

async function orAborted<T>(task: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([task, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function failed(why: string): Fetched {
  return { kind: 'failed', why };
}

const sentences: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'The connection was refused.'],
  ['ECONNRESET', 'The connection was broken off.'],
  ['EHOSTUNREACH', 'The host cannot be reached.'],
  ['ENETUNREACH', 'The host cannot be reached.'],
  ['ETIMEDOUT', 'It took too long.'],
]);

/** What Node says quotes what was answered now and then: only codes are told. */
function sentenceOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const isOfTls = /CERT|SSL|TLS|ISSUER|SIGNATURE/.test(code);
  if (isOfTls) return `The certificate of the host, or its TLS, is not to be trusted (${code}).`;
  return sentences.get(code) ?? `The answer could not be read${code === '' ? '' : ` (${code})`}.`;
}
