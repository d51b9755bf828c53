import type { WriteResult } from '@esplanade/desired';
import { type ApiFailure, failure, failureOf, genericErrors, isFailure } from '@esplanade/ontap';
import { UnavailableError } from '@esplanade/store';
import { recordErrors } from './record-error-codes.ts';

type Failed = Exclude<WriteResult, { readonly kind: 'written' }>;

/** Runs a write; a store that cannot write now becomes a failure, everything else stays an error. */
export async function attemptWrite(
  write: () => Promise<WriteResult | ApiFailure>,
): Promise<WriteResult | ApiFailure> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return failure(recordErrors.notSaved, { why: error.message });
  }
}

/** The problems of those results that are failures, as one failure; at least one must be. */
export function joinedFailure(...results: readonly unknown[]): ApiFailure {
  const problems = results.filter(isFailure).flatMap((failed) => failed.problems);
  const joined = failureOf(problems);
  if (joined === undefined) throw new Error('there is no failure to join');
  return joined;
}

/** Why a write did not happen, on the wire. `duplicate` says what a taken name is called here. */
export function writeFailure(failed: Failed, duplicate: ApiFailure): ApiFailure {
  switch (failed.kind) {
    case 'duplicate':
      return duplicate;
    case 'not-found':
      return failure(genericErrors.entryNotFound, {}, 'uuid');
    case 'conflict':
      return failure(recordErrors.changedMeanwhile, {});
    case 'refused':
      return { kind: 'failure', problems: [failed.problem] };
  }
}
