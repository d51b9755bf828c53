import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** Reading it out of OpenSSL makes another object each time, and what is known of a certificate goes by the object. */
const read = new WeakMap<TLSSocket, X509Certificate>();

/** The certificate that the client has shown on this connection and holds the key of. Nobody vouches for it yet. */
export function clientCertificateOf(socket: Socket): X509Certificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const known = read.get(socket);
  if (known !== undefined) return known;
  const certificate = socket.getPeerX509Certificate();
  if (certificate !== undefined) read.set(socket, certificate);
  return certificate;
}
