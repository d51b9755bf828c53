import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { type Certificate, type CertificateType, isCaType } from './certificate.ts';
import { checkCertificate } from './certificate-check.ts';
import { certificateProblemKinds as kinds } from './certificate-problem-kinds.ts';
import { isOpensslError } from './openssl-error.ts';
import { pemBlocks } from './pem.ts';
import { combine, invalid, type Parsed, valid, valueIfValid } from './problem.ts';
import { refusal } from './problem-kinds.ts';
import { isIssuedBy, type PublicCertificate } from './public-certificate.ts';
import { Secret } from './secret.ts';

/** A certificate as the user sent it, in PEM. */
export interface InstallationDraft {
  readonly type: CertificateType;
  readonly publicCertificate: string;
  readonly privateKey?: string;
  readonly intermediates?: readonly string[];
}

/** What checking needs to know beyond the draft. */
export interface InstallationContext {
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** Keyed digest of a secret's bytes, see `Secret`. */
  readonly fingerprint: (bytes: Uint8Array) => string;
}

/** What a valid draft says: a certificate without what the server adds. */
export type CertificateParts = Omit<Certificate, 'uuid' | 'name' | 'scope'>;

const mostIntermediates = 10;

/**
 * Checks a certificate and everything that comes with it: that it is one, that it can do what its type is for, that its
 * dates cover now, that key and chain are its own. All problems at once; nothing of the draft is quoted.
 */
export function checkInstallation(
  draft: InstallationDraft,
  context: InstallationContext,
): Parsed<CertificateParts> {
  const content = checkCertificate(draft.publicCertificate, {
    what: 'The certificate',
    target: 'public_certificate',
    nowMs: context.nowMs,
    isNamed: true,
    ...(isCaType(draft.type) && {
      caAdvice: 'Send that of a CA, or type server or client with its private_key.',
    }),
  });
  const certificate = valueIfValid(content);
  const parts = combine({
    content,
    key: checkKey(draft, certificate, context),
    intermediates: checkIntermediates(draft, certificate, context.nowMs),
  });
  if (parts.kind === 'invalid') return parts;
  const { key: privateKey, ...rest } = parts.value;
  return valid({ type: draft.type, ...rest, ...(privateKey !== undefined && { privateKey }) });
}

function checkKey(
  { type, privateKey = '' }: InstallationDraft,
  certificate: PublicCertificate | undefined,
  { fingerprint }: InstallationContext,
): Parsed<Secret | undefined> {
  const isGiven = privateKey.trim() !== '';
  if (isGiven && (type === 'client_ca' || type === 'server_ca'))
    return refusal(kinds.keyOfCa, 'private_key', { type });
  if (!isGiven) return isCaType(type) ? valid(undefined) : refusal(kinds.keyMissing, 'private_key', { type });
  const key = readKey(privateKey);
  if (typeof key === 'string') return refusal(kinds.badKey, 'private_key', { what: key });
  const { object, bytes } = key;
  if (certificate !== undefined && !new X509Certificate(certificate.pem).checkPrivateKey(object))
    return refusal(kinds.keyMismatch, 'private_key', {});
  return valid(new Secret(bytes, fingerprint(bytes)));
}

/** The key of a PEM text and its PKCS #8 DER, or what it is instead. */
function readKey(text: string): { readonly object: KeyObject; readonly bytes: Uint8Array } | string {
  const [block, ...others] = pemBlocks(text).filter(({ label }) => label.endsWith('PRIVATE KEY'));
  if (block === undefined) return 'not PEM of a private key';
  if (others.length > 0) return 'several keys at once';
  if (block.label.startsWith('ENCRYPTED') || block.text.includes('ENCRYPTED')) return 'encrypted';
  try {
    const object = createPrivateKey({ key: block.text, format: 'pem' });
    // OpenSSL reads keys that it cannot write: one of a curve that is longer than the curve's order.
    return { object, bytes: new Uint8Array(object.export({ format: 'der', type: 'pkcs8' })) };
  } catch (error) {
    if (isOpensslError(error)) return 'not readable';
    throw error;
  }
}

function checkIntermediates(
  { type, intermediates = [] }: InstallationDraft,
  certificate: PublicCertificate | undefined,
  nowMs: number,
): Parsed<readonly PublicCertificate[]> {
  const target = 'intermediate_certificates';
  if (intermediates.length === 0) return valid([]);
  if (isCaType(type)) return refusal(kinds.intermediatesOfCa, target, { type });
  if (intermediates.length > mostIntermediates) {
    const counts = { count: String(intermediates.length), most: String(mostIntermediates) };
    return refusal(kinds.tooManyIntermediates, target, counts);
  }
  const names = intermediates.map((_, index) => `Intermediate certificate ${index + 1}`);
  const read = intermediates.map((text, index) =>
    checkCertificate(text, {
      what: names[index] ?? '',
      target,
      nowMs,
      isNamed: false,
      caAdvice: 'Send those of the CAs between the certificate and the root.',
    }),
  );
  const problems = read.flatMap((parsed) => (parsed.kind === 'invalid' ? parsed.problems : []));
  const chain = read.flatMap((parsed) => (parsed.kind === 'valid' ? [parsed.value] : []));
  if (problems.length > 0) return invalid(...problems);
  // Without the certificate itself there is no chain to judge.
  if (certificate === undefined) return valid(chain);
  const stray = chain.findIndex((issuer) =>
    [certificate, ...chain].every((each) => each === issuer || !isIssuedBy(each, issuer)),
  );
  if (stray < 0) return valid(chain);
  return refusal(kinds.strayIntermediate, target, { what: names[stray] ?? '' });
}
