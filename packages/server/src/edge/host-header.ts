import type { IncomingMessage } from 'node:http';
import { edgeErrors, plainError } from './edge-error.ts';

/**
 * The answer to a request that does not say which host it is for as it must: HTTP/1.1 in exactly one `Host` (RFC 9112 3.2),
 * HTTP/1.0 in one or none. Two of them are two requests to whoever reads the other one.
 */
export function refusalOfHost({
  httpVersion,
  rawHeaders,
}: Pick<IncomingMessage, 'httpVersion' | 'rawHeaders'>): ReturnType<typeof plainError> | undefined {
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
  const isSaid = hosts === 1 || (hosts === 0 && httpVersion === '1.0');
  return isSaid ? undefined : plainError(edgeErrors.notHttp);
}
