import {
  type ApiFailure,
  type ApiProblem,
  failureOf,
  isFailure,
  type ParsedBody,
  problem,
} from '@esplanade/ontap';
import type { CertificateOrder } from '../generated-certificate.ts';
import { numberOf, textOf } from './body-reader.ts';
import { certificateErrors } from './certificate-error-codes.ts';
import { certificateTerms } from './certificate-terms.ts';

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
  const rsaBits = numberOf(body, 'key_size') ?? 2048;
  if (!keySizes.includes(rsaBits)) {
    const values = { bits: String(rsaBits), sizes: keySizes.join(' or ') };
    problems.push(problem(certificateErrors.keySizeUnsupported, values, 'key_size'));
  }
  const terms = certificateTerms(body, nowMs);
  const failed = failureOf([...problems, ...(isFailure(terms) ? terms.problems : [])]);
  if (failed !== undefined) return failed;
  if (own === undefined || commonName === undefined || isFailure(terms))
    throw new Error('an order was found incomplete without saying why');
  return { type: own, commonName, rsaBits, ...terms };
}

/** X.520's upper bound; nothing that would not be seen, or that a distinguished name's text form gives a meaning. */
function isCommonName(text: string): boolean {
  return text.trim() !== '' && [...text].length <= longestCommonName && !/^#|[\p{C}"\\]/u.test(text);
}
