import { constants } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import type { TlsPair } from './tls-pair.ts';

/**
 * TLS 1.3, and of TLS 1.2 what has forward secrecy and authenticated encryption (RFC 9325 4.2): every client that NetApp
 * supports has these. No finite-field Diffie-Hellman, whose cost the client chooses.
 */
const ciphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/**
 * How the server speaks TLS with a certificate. Where clients are asked for theirs, no session is resumed: a resumed one
 * carries the certificate of the handshake that it goes back to, or none.
 */
export function tlsContext({ certificate, key }: TlsPair, asksClients: boolean): SecureContextOptions {
  return {
    cert: certificate,
    key,
    ciphers,
    minVersion: 'TLSv1.2',
    honorCipherOrder: true,
    // Renegotiation of TLS 1.2 would let a client change who it is within a connection.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | (asksClients ? constants.SSL_OP_NO_TICKET : 0),
  };
}
