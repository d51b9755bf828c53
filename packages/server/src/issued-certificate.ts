// x509 asks for reflect-metadata's polyfill before it is loaded.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import type { PublicCertificate } from '@esplanade/domain';
import * as x509 from '@peculiar/x509';
import type { SignatureHash } from './generated-certificate.ts';
import { certificateSerialNumber } from './tls/self-signed.ts';

/** A CA whose key is there. */
export interface Issuer {
  readonly certificate: PublicCertificate;
  /** PKCS #8 DER. */
  readonly key: Uint8Array;
}

/** What the issuer decides; the rest is as requested. */
export interface IssueTerms {
  readonly hash: SignatureHash;
  readonly notAfter: Date;
}

/** What is taken from a certificate signing request (PKCS #10, RFC 2986) whose signature is its own key's. */
export interface SigningRequest {
  readonly subject: x509.Name;
  readonly publicKey: x509.PublicKey;
  readonly alternatives: x509.Extension | null;
}

/** Reads the DER of a signing request; `undefined` when it is none, or is not signed by the key that it names. */
export async function readSigningRequest(der: Uint8Array): Promise<SigningRequest | undefined> {
  x509.cryptoProvider.set(webcrypto);
  try {
    const request = new x509.Pkcs10CertificateRequest(Uint8Array.from(der));
    if (!(await request.verify())) return undefined;
    const { subjectName: subject, publicKey } = request;
    return { subject, publicKey, alternatives: request.getExtension(subjectAlternativeName) };
  } catch (error) {
    // Parser and WebCrypto throw errors of many classes, all for what is wrong with the request.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/**
 * Issues the certificate of an end entity, in PEM: subject, key and alternative names of the request, issuer and
 * signature of the CA. Whatever else is requested is left out. `undefined` when the CA's key is of a kind that
 * WebCrypto does not sign with.
 */
export async function issueCertificate(
  { subject, publicKey, alternatives }: SigningRequest,
  issuer: Issuer,
  { hash, notAfter }: IssueTerms,
): Promise<string | undefined> {
  x509.cryptoProvider.set(webcrypto);
  const algorithm = signatureAlgorithm(issuer.certificate, hash);
  if (algorithm === undefined) return undefined;
  const ca = new x509.X509Certificate(issuer.certificate.pem);
  const pkcs8 = Uint8Array.from(issuer.key);
  const signingKey = await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
  const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags;
  const { clientAuth, serverAuth } = x509.ExtendedKeyUsage;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: certificateSerialNumber(),
    subject,
    issuer: ca.subjectName,
    notBefore: new Date(),
    notAfter,
    signingAlgorithm: algorithm,
    signingKey,
    publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(digitalSignature | keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension([serverAuth, clientAuth]),
      ...(alternatives === null ? [] : [alternatives]),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(ca.publicKey),
    ],
  });
  return `${certificate.toString('pem')}\n`;
}

const subjectAlternativeName = '2.5.29.17';

function signatureAlgorithm({ key }: PublicCertificate, hash: SignatureHash) {
  switch (key?.kind) {
    case 'rsa':
      return { name: 'RSASSA-PKCS1-v1_5', hash };
    case 'ec':
      return { name: 'ECDSA', namedCurve: `P-${key.bits}`, hash };
    case 'ed25519':
      return { name: 'Ed25519', hash };
    case 'ed448':
    case undefined:
      return undefined;
  }
}
