import { ConnectionError } from './errors.ts';
import type { Transport } from './transport.ts';

/** Sends with the `fetch` of the browser, or of Node. */
export const fetchTransport: Transport = async ({ method, url, headers, body, signal }) => {
  try {
    const response = await fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
    const text = await response.text();
    return { status: response.status, header: (name) => response.headers.get(name) ?? undefined, text };
  } catch (error) {
    signal?.throwIfAborted();
    throw new ConnectionError(`No answer from ${url.origin}: ${reasonOf(error)}`, { cause: error });
  }
};

/** `fetch` itself says only that it failed; why stands in the cause, where it is told at all. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
