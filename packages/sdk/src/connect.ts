import { Api, type ConnectOptions, lowerCased } from './api.ts';
import { fetchTransport } from './fetch-transport.ts';
import { timeLimitMs } from './transport.ts';

/**
 * A client of the API of one server. Nothing is sent yet. A login in the URL is used where none is given, and told to nobody.
 * Throws a TypeError where there is half a login, or one that would go through a network in clear, or a URL of another kind; a RangeError where a time is none.
 */
export function connect({
  transport = fetchTransport(),
  headers,
  retries = 2,
  isClearAllowed = false,
  jobTimeoutMs = 3_600_000,
  ...options
}: ConnectOptions): Api {
  const url = new URL(options.url);
  const { user = decoded(url.username), password = decoded(url.password) } = options;
  if (user === '' && password !== '') throw new TypeError('there is a password, and no user whose it is');
  if (!/^https?:$/.test(url.protocol))
    throw new TypeError(`a server is at https:, and not at ${url.protocol}`);
  for (const part of ['username', 'password', 'search', 'hash'] as const) url[part] = '';
  return new Api({
    url,
    transport,
    retries,
    isClearAllowed: isClearAllowed || url.protocol === 'https:' || isThisHost(url.hostname),
    headers: { ...(user === '' ? {} : { authorization: basic(user, password) }), ...lowerCased(headers) },
    signal: options.signal,
    jobTimeoutMs: timeLimitMs('jobTimeoutMs', jobTimeoutMs),
    onJob: options.onJob,
    onIncomplete: options.onIncomplete,
  });
}

/** Part of a login in a URL. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new TypeError('the login in the URL is not encoded as URLs are', { cause: error });
  }
}

function isThisHost(name: string): boolean {
  return /^(?:127\.[0-9.]+|\[::1\]|(?:.+\.)?localhost)$/.test(name);
}

/** RFC 7617, in UTF-8. */
function basic(user: string, password: string): string {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))}`;
}
