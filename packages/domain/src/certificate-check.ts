import { certificateProblemKinds as kinds } from './certificate-problem-kinds.ts';
import { pemBlocks } from './pem.ts';
import { invalid, type Parsed, type Problem, valid } from './problem.ts';
import { problemOf, refusal } from './problem-kinds.ts';
import { type PublicCertificate, readCertificate } from './public-certificate.ts';

/** What a certificate must be. */
export interface CertificateExpectation {
  /** What it is called at the start of a sentence. */
  readonly what: string;
  /** The field it came in. */
  readonly target: string;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /**
   * Given where it must be that of a CA: what to do when it is not. An end entity's may say that it is one, as
   * self-signed ones often do.
   */
  readonly caAdvice?: string;
  /** Whether it must have a common name: that is what it is listed by. */
  readonly isNamed: boolean;
}

/** RFC 5280 4.1.2.2: positive, 20 octets at most. Zero is let pass, as some roots have it. */
const serialForm = /^[\dA-F]{1,40}$/;

/** Below it RSA is refused (NIST SP 800-57 part 1, table 2; ONTAP's least as well). */
const leastRsaBits = 2048;

/** Reads a certificate in PEM and checks it by itself, with all problems at once. */
export function checkCertificate(text: string, expected: CertificateExpectation): Parsed<PublicCertificate> {
  const { what, target, nowMs } = expected;
  const bad = (why: string) => refusal(kinds.badCertificate, target, { what: `${what} ${why}` });
  const blocks = pemBlocks(text);
  const [block] = blocks;
  if (block === undefined) return bad('is not PEM');
  if (blocks.some(({ label }) => label !== 'CERTIFICATE')) return bad('holds PEM of something else');
  if (blocks.length > 1) return bad(`is ${blocks.length} certificates at once`);
  const certificate = readCertificate(block.text);
  if (certificate === undefined) return bad('cannot be read');
  if (!serialForm.test(certificate.serialNumber))
    return bad('has a serial number that is negative or longer than 20 octets');
  const { notBeforeMs, notAfterMs, key, hash } = certificate;
  const problems: Problem[] = [];
  if (nowMs < notBeforeMs)
    problems.push(problemOf(kinds.notYetValid, target, { what, date: isoDate(notBeforeMs) }));
  if (nowMs > notAfterMs)
    problems.push(problemOf(kinds.expired, target, { what, date: isoDate(notAfterMs) }));
  if (expected.isNamed && certificate.commonName === undefined)
    problems.push(problemOf(kinds.noCommonName, target, {}));
  if (expected.caAdvice !== undefined && !certificate.isCa)
    problems.push(problemOf(kinds.notOfCa, target, { what, advice: expected.caAdvice }));
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

function isoDate(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
