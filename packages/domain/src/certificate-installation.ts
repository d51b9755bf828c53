import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { type Certificate, type CertificateType, isCaType } from './certificate.ts';
import { certificateProblemKinds as kinds } from './certificate-problem-kinds.ts';
import { isOpensslError } from './openssl-error.ts';
import { pemBlocks } from './pem.ts';
import { combine, invalid, type Parsed, type Problem, valid, valueIfValid } from './problem.ts';
import { problemOf, refusal } from './problem-kinds.ts';
import { isIssuedBy, type PublicCertificate, readCertificate } from './public-certificate.ts';
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

/** Below it RSA is refused (NIST SP 800-57 part 1, table 2; ONTAP's least as well). */
export const leastRsaBits = 2048;
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
    isCa: isCaType(draft.type),
    isNamed: true,
    ofWhom: 'Send that of a CA, or type server or client with its private_key.',
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

interface Expectation {
  /** For messages. */
  readonly what: string;
  readonly target: string;
  readonly nowMs: number;
  /** Whether it must be that of a CA; an end entity's may say that it is one, as self-signed ones often do. */
  readonly isCa: boolean;
  readonly ofWhom: string;
  /** Whether it must have a common name: that is what it is listed by. */
  readonly isNamed: boolean;
}

function checkCertificate(text: string, expected: Expectation): Parsed<PublicCertificate> {
  const { what, target, nowMs } = expected;
  const bad = (why: string) => refusal(kinds.badCertificate, target, { what: `${what} ${why}` });
  const blocks = pemBlocks(text);
  const [block] = blocks;
  if (block === undefined) return bad('is not PEM');
  if (blocks.some(({ label }) => label !== 'CERTIFICATE')) return bad('holds PEM of something else');
  if (blocks.length > 1) return bad(`is ${blocks.length} certificates at once`);
  const certificate = readCertificate(block.text);
  if (certificate === undefined) return bad('cannot be read');
  const { notBeforeMs, notAfterMs, key, hash } = certificate;
  const problems: Problem[] = [];
  if (nowMs < notBeforeMs)
    problems.push(problemOf(kinds.notYetValid, target, { what, date: isoDate(notBeforeMs) }));
  if (nowMs > notAfterMs)
    problems.push(problemOf(kinds.expired, target, { what, date: isoDate(notAfterMs) }));
  if (expected.isNamed && certificate.commonName === undefined)
    problems.push(problemOf(kinds.noCommonName, target, {}));
  if (expected.isCa && !certificate.isCa)
    problems.push(problemOf(kinds.notOfCa, target, { what, advice: expected.ofWhom }));
  if (key === undefined) problems.push(problemOf(kinds.unsupportedKey, target, { what }));
  if (key?.kind === 'rsa' && key.bits < leastRsaBits) {
    const sizes = { bits: String(key.bits), least: String(leastRsaBits) };
    problems.push(problemOf(kinds.keySize, target, { what, ...sizes }));
  }
  // What signs itself vouches for nothing: it is trusted because it was installed.
  if ((hash === 'md5' || hash === 'sha1') && !certificate.isSelfSigned)
    problems.push(problemOf(kinds.weakHash, target, { what, hash }));
  return problems.length === 0 ? valid(certificate) : invalid(...problems);
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
  if (certificate !== undefined && !new X509Certificate(certificate.pem).checkPrivateKey(key))
    return refusal(kinds.keyMismatch, 'private_key', {});
  const bytes = new Uint8Array(key.export({ format: 'der', type: 'pkcs8' }));
  return valid(new Secret(bytes, fingerprint(bytes)));
}

/** The key of a PEM text, or what it is instead. */
function readKey(text: string): KeyObject | string {
  const [block, ...others] = pemBlocks(text).filter(({ label }) => label.endsWith('PRIVATE KEY'));
  if (block === undefined) return 'not PEM of a private key';
  if (others.length > 0) return 'several keys at once';
  if (block.label.startsWith('ENCRYPTED') || block.text.includes('ENCRYPTED')) return 'encrypted';
  try {
    return createPrivateKey({ key: block.text, format: 'pem' });
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
      isCa: true,
      isNamed: false,
      ofWhom: 'Send those of the CAs between the certificate and the root.',
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

function isoDate(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
