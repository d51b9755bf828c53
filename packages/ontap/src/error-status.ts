import { type ErrorCode, genericErrors } from './error-codes.ts';
import type { ApiFailure } from './errors.ts';

/** The HTTP status of a failure: its own where it has one, else its first code's in the catalogue, else 400. */
export type StatusOf = (failure: ApiFailure) => number;

/** Looks statuses up in the dialect's own catalogue and in `resourceCodes`, the codes the resources add to it. */
export function createStatusOf(resourceCodes: readonly ErrorCode[]): StatusOf {
  const statuses = new Map<string, number>();
  for (const { code, status } of [...Object.values(genericErrors), ...resourceCodes]) {
    if (!statuses.has(code)) statuses.set(code, status);
  }
  return (failure) => failure.status ?? statuses.get(failure.problems[0].code) ?? 400;
}
