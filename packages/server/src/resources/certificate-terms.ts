import {
  type ApiFailure,
  type ApiProblem,
  failureOf,
  genericErrors,
  type ParsedBody,
  problem,
} from '@esplanade/ontap';
import type { SignatureHash } from '../generated-certificate.ts';
import { textOf } from './body-reader.ts';
import { certificateErrors } from './certificate-error-codes.ts';
import { parseExpiry } from './expiry-time.ts';

/** How a certificate is to be signed and how long it is to hold. */
export interface CertificateTerms {
  readonly hash: SignatureHash;
  readonly notAfter: Date;
}

const hashes: ReadonlyMap<string, SignatureHash> = new Map([
  ['sha256', 'SHA-256'],
  ['sha384', 'SHA-384'],
  ['sha512', 'SHA-512'],
]);

/** Reads `hash_function` and `expiry_time` of a body; without them sha256 and P365DT, as ONTAP has it. */
export function certificateTerms(body: ParsedBody, nowMs: number): CertificateTerms | ApiFailure {
  const problems: ApiProblem[] = [];
  const hashName = textOf(body, 'hash_function') ?? 'sha256';
  const hash = hashes.get(hashName);
  if (hash === undefined) {
    const values = { hash: hashName, hashes: [...hashes.keys()].join(', ') };
    problems.push(problem(certificateErrors.hashUnsupported, values, 'hash_function'));
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
  if (hash === undefined || notAfter === undefined)
    throw new Error('terms were found incomplete without saying why');
  return { hash, notAfter };
}
