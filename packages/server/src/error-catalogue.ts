import { problemKinds } from '@esplanade/domain';
import { type ErrorCode, genericErrors } from '@esplanade/ontap';
import { absentErrors } from './absent-error-codes.ts';
import { otherwiseErrors } from './answered-otherwise-error-codes.ts';
import { edgeErrors } from './edge/edge-error.ts';
import { accountErrors } from './resources/account-error-codes.ts';
import { auditErrors } from './resources/audit-error-codes.ts';
import { certificateErrors, certificateProblems } from './resources/certificate-error-codes.ts';
import { ipsecErrors } from './resources/ipsec-error-codes.ts';
import { notFoundErrors } from './resources/not-found-error-codes.ts';
import { withStatus } from './resources/problem-status.ts';
import { recordErrors, refusalErrors } from './resources/record-error-codes.ts';
import { revocationErrors } from './resources/revocation-error-codes.ts';
import { roleErrors } from './resources/role-error-codes.ts';
import { simulatorErrors } from './resources/simulator-error-codes.ts';

/** An error that a request may be answered with, or one of ONTAP's that never is. */
export interface CatalogueEntry extends ErrorCode {
  /** Where it is declared and what it is called there: `policy.portRange`. */
  readonly id: string;
  /** Why no request is answered with it. */
  readonly absentBecause?: string;
  /**
   * What its occasion is answered with instead, nothing when that is no error here; undefined when it has no occasion.
   */
  readonly answeredWith?: readonly ErrorCode[];
}

/**
 * Every error of the API: what the dialect, the domain, the desired state and the server declare, each where it is
 * raised, and what ONTAP documents for the same resources and cannot occur here, or is answered with another code.
 */
export const errorCatalogue: readonly CatalogueEntry[] = [
  ...entriesOf('generic', genericErrors),
  ...entriesOf('record', recordErrors),
  ...entriesOf('refusal', refusalErrors),
  ...entriesOf('policy', withStatus(problemKinds)),
  ...entriesOf('ipsec', ipsecErrors),
  ...entriesOf('edge', edgeErrors),
  ...entriesOf('former', notFoundErrors),
  ...entriesOf('certificate', { ...certificateErrors, ...certificateProblems }),
  ...entriesOf('account', accountErrors),
  ...entriesOf('audit', auditErrors),
  ...entriesOf('role', roleErrors),
  ...entriesOf('revocation', revocationErrors),
  ...entriesOf('simulator', simulatorErrors),
  ...entriesOf('otherwise', otherwiseErrors),
  ...entriesOf('absent', absentErrors),
];

function entriesOf<Entry extends ErrorCode>(
  group: string,
  entries: Readonly<Record<string, Entry>>,
): readonly CatalogueEntry[] {
  return Object.entries(entries).map(([name, entry]) => ({ id: `${group}.${name}`, ...entry }));
}
