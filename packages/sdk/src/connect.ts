import { Api, type ConnectOptions, lowerCased } from './api.ts';
import { fetchTransport } from './fetch-transport.ts';

/** A client of the API of one server. Nothing is sent yet. */
export function connect({
  url,
  user,
  password = '',
  transport = fetchTransport,
  headers,
  retries = 2,
  ...others
}: ConnectOptions): Api {
  return new Api({
    url: new URL(url),
    transport,
    retries,
    headers: {
      ...(user === undefined ? {} : { authorization: basic(user, password) }),
      ...lowerCased(headers),
    },
    ...others,
  });
}

/** RFC 7617, in UTF-8. */
function basic(user: string, password: string): string {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))}`;
}
