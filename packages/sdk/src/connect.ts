import { Api, type ConnectOptions, lowerCased } from './api.ts';
import { fetchTransport } from './fetch-transport.ts';

/** A client of the API of one server. Nothing is sent yet. A login in the URL is used where none is given, and told to nobody. */
export function connect({
  transport = fetchTransport(),
  headers,
  retries = 2,
  ...options
}: ConnectOptions): Api {
  const url = new URL(options.url);
  const { user = decodeURIComponent(url.username), password = decodeURIComponent(url.password) } = options;
  for (const part of ['username', 'password', 'search', 'hash'] as const) url[part] = '';
  return new Api({
    url,
    transport,
    retries,
    headers: { ...(user === '' ? {} : { authorization: basic(user, password) }), ...lowerCased(headers) },
    signal: options.signal,
    onIncomplete: options.onIncomplete,
  });
}

/** RFC 7617, in UTF-8. */
function basic(user: string, password: string): string {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))}`;
}
