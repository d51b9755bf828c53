import type { KeyObject, X509Certificate } from 'node:crypto';
import { derChildren, derElements, derTags } from './der.ts';
import { isOpensslError } from './openssl-error.ts';

/** What kind of public key a certificate is about. */
export interface CertificateKey {
  readonly kind: 'rsa' | 'ec' | 'ed25519' | 'ed448';
  /** Of the modulus, or of the curve's field. */
  readonly bits: number;
}

/** NIST's curves (RFC 5480), by OpenSSL's name: those that IKE has signatures for (RFC 4754). */
const curveBits: ReadonlyMap<string, number> = new Map([
  ['prime256v1', 256],
  ['secp384r1', 384],
  ['secp521r1', 521],
]);

/** The key of a certificate; `undefined` when it is of no kind that IKE can use. */
export function certificateKey(x509: X509Certificate): CertificateKey | undefined {
  const key = publicKeyOf(x509);
  const { modulusLength, namedCurve } = key?.asymmetricKeyDetails ?? {};
  switch (key?.asymmetricKeyType) {
    case 'rsa':
      return modulusLength === undefined ? undefined : { kind: 'rsa', bits: modulusLength };
    case 'ec': {
      const bits = namesItsCurve(key) ? curveBits.get(namedCurve ?? '') : undefined;
      return bits === undefined ? undefined : { kind: 'ec', bits };
    }
    case 'ed25519':
      return { kind: 'ed25519', bits: 256 };
    case 'ed448':
      return { kind: 'ed448', bits: 448 };
    default:
      return undefined;
  }
}

/**
 * Whether it names its curve and does not spell the parameters out (RFC 5480 2.1.1): OpenSSL tells the name of a known
 * curve either way.
 */
function namesItsCurve(key: KeyObject): boolean {
  const [info] = derElements(key.export({ format: 'der', type: 'spki' })) ?? [];
  const [algorithm] = derChildren(info);
  const [, parameters] = derChildren(algorithm);
  return parameters?.tag === derTags.objectIdentifier;
}

function publicKeyOf(x509: X509Certificate): KeyObject | undefined {
  try {
    return x509.publicKey;
  } catch (error) {
    if (isOpensslError(error)) return undefined;
    throw error;
  }
}
