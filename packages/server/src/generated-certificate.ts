// x509 asks for reflect-metadata's polyfill before it is loaded.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { certificateSerialNumber } from './tls/self-signed.ts';
import type { TlsPair } from './tls/tls-pair.ts';

/** A digest that certificates are signed over, in WebCrypto's words. */
export type SignatureHash = 'SHA-256' | 'SHA-384' | 'SHA-512';

/** A certificate that is to be made. */
export interface CertificateOrder {
  readonly type: 'server' | 'client' | 'root_ca';
  readonly commonName: string;
  readonly rsaBits: number;
  readonly hash: SignatureHash;
  readonly notAfter: Date;
}

/** Makes an RSA key and a certificate for it that it signed itself. Off the main thread, as far as it takes long. */
export async function generateCertificate(order: CertificateOrder): Promise<TlsPair> {
  x509.cryptoProvider.set(webcrypto);
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: order.hash };
  const keys = await webcrypto.subtle.generateKey(
    { ...algorithm, modulusLength: order.rsaBits, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ['sign', 'verify'],
  );
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: certificateSerialNumber(),
    name: [{ CN: [order.commonName] }],
    notBefore: new Date(),
    notAfter: order.notAfter,
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      ...usage(order.type),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    certificate: `${certificate.toString('pem')}\n`,
    key: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`,
  };
}

/** What the key may be used for (RFC 5280 4.2.1.3, 4.2.1.12). */
function usage(type: CertificateOrder['type']): readonly x509.Extension[] {
  const { digitalSignature, keyEncipherment, keyCertSign, cRLSign } = x509.KeyUsageFlags;
  if (type === 'root_ca') {
    return [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(keyCertSign | cRLSign, true),
    ];
  }
  const { clientAuth, serverAuth } = x509.ExtendedKeyUsage;
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(digitalSignature | keyEncipherment, true),
    new x509.ExtendedKeyUsageExtension([type === 'server' ? serverAuth : clientAuth]),
  ];
}
