import type { IncomingMessage } from 'node:http';

/** So much of a body that nobody wants is read all the same, so that the connection can be used again. */
const mostDiscardedBytes = 16_384;

/** How long who has been told may take to go. */
export const farewellMs = 2_000;

/** Whether a body is small enough to cost no more than its headers. */
export function isSmallBody({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return (
    headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) <= mostDiscardedBytes
  );
}

/** Whether there is more to come of a request than is read for nothing. */
export function hasUnreadBody(request: IncomingMessage): boolean {
  return !request.complete && !isSmallBody(request);
}

/**
 * Has the connection end with the answer that is being made, which must say so, and reads nothing more of it. Node would take
 * everything the client still sends, or destroy the connection at once, and with it an answer that has not arrived.
 */
export function endUnread(request: IncomingMessage): void {
  const { socket } = request;
  request.pause();
  socket.destroySoon = () => {
    socket.end();
    // Node goes on reading once it has answered.
    setImmediate(() => socket.pause());
    setTimeout(() => socket.destroy(), farewellMs).unref();
  };
}
