import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { makeSelfSigned } from '../../tls/self-signed.ts';
import type { TestServer } from '../test-server.ts';

/** What a client sends that is no request for the API, and is answered all the same. */
export interface WireProvocation {
  /** For people: what is sent. */
  readonly what: string;
  readonly bytes: string;
  /** Node's verdict that a request takes too long: it comes only after half a minute, so the test gives it. */
  readonly isLate?: true;
}

/** Errors that are answered before there is a request, by their catalogue ids. */
export const wireProvocations: Readonly<Record<string, WireProvocation>> = {
  'edge.notHttp': { what: 'bytes that are no HTTP', bytes: 'GIMME /api/cluster\r\n\r\n' },
  'edge.lateRequest': {
    what: 'a request that does not end within 30 s',
    bytes: 'GET /api/cluster HTTP/1.1\r\n',
    isLate: true,
  },
  'edge.largeHeaders': {
    what: 'headers of more than 16 KiB',
    bytes: `GET /api/cluster HTTP/1.1\r\nhost: x\r\nx-large: ${'x'.repeat(16_400)}\r\n\r\n`,
  },
};

/** Sends the bytes over TLS to a port that the server opens for it, and reads the answer. */
export async function provokeByBytes(
  { app }: TestServer,
  { bytes, isLate }: WireProvocation,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const { certificate, key } = await makeSelfSigned(['localhost']);
  app.server.setSecureContext({ cert: certificate, key });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens nowhere');
  const arrived = once(app.server, 'secureConnection');
  const socket = connect({ port: address.port, rejectUnauthorized: false });
  socket.write(bytes);
  if (isLate === true) {
    const [ours] = (await arrived) as [TLSSocket];
    const late = Object.assign(new Error('too late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    app.server.emit('clientError', late, ours);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  const [head = '', body = ''] = Buffer.concat(chunks).toString().split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), body: JSON.parse(body) };
}
