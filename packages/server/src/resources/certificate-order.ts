import {
  type ApiFailure,
  type ApiProblem,
  failureOf,
  genericErrors,
  type ParsedBody,
  problem,
} from '@esplanade/ontap';
import type { CertificateOrder } from '../generated-certificate.ts';
import { numberOf, textOf } from './body-reader.ts';
import { certificateErrors } from './certificate-error-codes.ts';
import { parseExpiry } from './expiry-time.ts';

const hashes: ReadonlyMap<string, CertificateOrder['hash']> = new Map([
  ['sha256', 'SHA-256'],
  ['sha384', 'SHA-384'],
  ['sha512', 'SHA-512'],
]);
const keySizes: readonly number[] = [2048, 3072];
const types = ['server', 'client', 'root_ca'] as const;
const longestCommonName = 64;

/** Reads what a body without `public_certificate` asks to be made, with all problems at once. */
export function certificateOrder(
  body: ParsedBody,
  type: string,
  nowMs: number,
): CertificateOrder | ApiFailure {
  const problems: ApiProblem[] = [];
  const own = types.find((each) => each === type);
  if (own === undefined) problems.push(problem(certificateErrors.typeNotGenerated, { type }, 'type'));
  const commonName = textOf(body, 'common_name');
  if (commonName === undefined)
    problems.push(problem(certificateErrors.commonNameMissing, {}, 'common_name'));
  else if (!isCommonName(commonName))
    problems.push(problem(certificateErrors.commonNameInvalid, {}, 'common_name'));
  const hashName = textOf(body, 'hash_function') ?? 'sha256';
  const hash = hashes.get(hashName);
  if (hash === undefined) {
    const values = { hash: hashName, hashes: [...hashes.keys()].join(', ') };
    problems.push(problem(certificateErrors.hashUnsupported, values, 'hash_function'));
  }
  const rsaBits = numberOf(body, 'key_size') ?? 2048;
  if (!keySizes.includes(rsaBits)) {
    const values = { bits: String(rsaBits), sizes: keySizes.join(' or ') };
    problems.push(problem(certificateErrors.keySizeUnsupported, values, 'key_size'));
  }
  const expiry = textOf(body, 'expiry_time') ?? 'P365DT';
  const notAfter = parseExpiry(expiry, new Date(nowMs));
  if (notAfter === undefined) {
    const expected = 'a date or a duration such as P365DT, 1 day to 10 years from now';
    const values = { value: expiry, field: 'expiry_time', expected };
    problems.push(problem(genericErrors.invalidValue, values, 'expiry_time'));
  }
  const failed = failureOf(problems);
  if (failed !== undefined) return failed;
  if (own === undefined || commonName === undefined || hash === undefined || notAfter === undefined)
    throw new Error('an order was found incomplete without saying why');
  return { type: own, commonName, hash, rsaBits, notAfter };
}

/** X.520's upper bound; nothing that would not be seen, or that a distinguished name's text form gives a meaning. */
function isCommonName(text: string): boolean {
  return text.trim() !== '' && [...text].length <= longestCommonName && !/^#|[\p{C}"\\]/u.test(text);
}
