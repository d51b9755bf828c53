import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Tells who waits with the body (`Expect: 100-continue`) to send it: RFC 9110, section 10.1.1. Nothing is said of a body that has
 * been announced empty or has come already, nor to HTTP/1.0, nor before the answers to the requests that came earlier on the
 * connection, nor once the answer itself is made. Node keeps what is written ahead of its turn, and then puts the final headers
 * before it.
 */
export function letBodyCome(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.expect === undefined || request.httpVersion !== '1.1' || isWithoutBody(request)) return;
  const tell = (): void => {
    if (!response.headersSent && !request.complete) response.writeContinue();
  };
  if (response.socket !== null) tell();
  else response.once('socket', tell);
}

/** Whether the headers announce that no body follows: RFC 9112, section 6.3. */
function isWithoutBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
}
