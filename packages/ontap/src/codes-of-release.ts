import { type ErrorCode, genericErrors } from './error-codes.ts';
import type { ApiFailure } from './errors.ts';
import { isKnownIn, type Release } from './release.ts';

/** A failure in the codes of the emulated release. */
export type InRelease = (failure: ApiFailure) => ApiFailure;

/**
 * Gives what is newer than `release` the code that the release has for it: the entry's `before`, else the generic one
 * for a value that cannot be. The sentence stays: it helps whatever the code is.
 */
export function createInRelease(codes: readonly ErrorCode[], release: Release): InRelease {
  const known = new Set(codes.filter((entry) => isKnownIn(release, entry)).map(({ code }) => code));
  const instead = new Map<string, string>();
  for (const { code, before = genericErrors.invalidValue.code } of codes) {
    if (!known.has(code)) instead.set(code, before);
  }
  if (instead.size === 0) return (failure) => failure;
  return (failure) => {
    const [first, ...others] = failure.problems.map((problem) => ({
      ...problem,
      code: instead.get(problem.code) ?? problem.code,
    }));
    return first === undefined ? failure : { ...failure, problems: [first, ...others] };
  };
}
