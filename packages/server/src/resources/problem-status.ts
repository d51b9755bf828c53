import type { ProblemKind } from '@esplanade/domain';
import { type ErrorCode, genericErrors } from '@esplanade/ontap';

const genericStatuses: ReadonlyMap<string, number> = new Map([
  ...Object.values(genericErrors)
    .map(({ code, status }) => [code, status] as const)
    .reverse(),
  // In use: whatever it is, it is a conflict with what there is.
  ['8', 409],
  // The addresses are there, and not for this account.
  ['990002', 403],
]);

/** Problems know no HTTP: their generic codes have the dialect's status, all others are the user's to mend. */
export function withStatus<Name extends string>(
  kinds: Readonly<Record<Name, ProblemKind>>,
): Readonly<Record<Name, ErrorCode>> {
  const entries = Object.entries<ProblemKind>(kinds).map(
    ([name, kind]) => [name, { ...kind, status: genericStatuses.get(kind.code) ?? 400 }] as const,
  );
  return Object.fromEntries(entries) as Record<Name, ErrorCode>;
}
