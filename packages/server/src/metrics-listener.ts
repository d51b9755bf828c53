import { once } from 'node:events';
import { createServer } from 'node:http';
import { plainHeaders } from './edge/edge-error.ts';
import { type ListenAddress, ListenError } from './listen-address.ts';

/** A listener for Prometheus alone. */
export interface MetricsListener {
  readonly address: ListenAddress;
  close(): Promise<void>;
}

/** Enough for every Prometheus that there may be, and for a person. */
const mostConnections = 16;
/** Nobody needs longer to ask, or is longer silent while he takes the answer. */
const idleMs = 10_000;

/** Serves `/metrics` in clear and without a password, and nothing else. Throws ListenError when it cannot. */
export async function listenForMetrics(
  address: ListenAddress,
  read: () => Promise<string>,
): Promise<MetricsListener> {
  let underway: Promise<string> | undefined;
  const readOnce = (): Promise<string> => {
    underway ??= read().finally(() => {
      underway = undefined;
    });
    return underway;
  };
  const server = createServer({ headersTimeout: idleMs, requestTimeout: idleMs }, (request, response) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const isAsked = isRead && request.url?.split('?', 1)[0] === '/metrics';
    if (!isAsked) {
      response.writeHead(404, plainHeaders).end();
      return;
    }
    readOnce().then(
      (text) =>
        response
          .writeHead(200, { ...plainHeaders, 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
          .end(text),
      () => response.writeHead(500, plainHeaders).end(),
    );
  });
  server.maxConnections = mostConnections;
  server.setTimeout(idleMs);
  server.listen(address.port, address.host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new ListenError('metrics-listen', address, error);
  }
  const bound = server.address();
  return {
    address: { ...address, port: typeof bound === 'object' && bound !== null ? bound.port : address.port },
    close: async () => {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}
