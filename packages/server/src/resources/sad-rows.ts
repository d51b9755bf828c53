import type { ObservedSa } from '@esplanade/datapath';
import {
  type ApiFailure,
  type ApiProblem,
  failure,
  type Principal,
  problem,
  type Rows,
} from '@esplanade/ontap';
import type { SadReading, SadSnapshot } from '@esplanade/reconciler';
import { recordErrors } from './record-error-codes.ts';
import type { Carrier, ResourceParts } from './resource-parts.ts';
import type { SaOwner, SaOwners } from './sa-owners.ts';

/** An SA with the policy it carries, as far as that is known; that may have been deleted a moment ago. */
export interface SaRow {
  readonly sa: ObservedSa;
  readonly policy?: SaOwner;
}

/**
 * All SAs of all IPspaces. Never an empty list as if it were truth (decision 6): last known rows carry a warning, and
 * where nothing was ever observed the answer is 503. An IPspace that holds no policy may be without a datapath.
 */
export function saRows(parts: ResourceParts, principal: Principal): Rows<SaRow> | ApiFailure {
  const readings = concernedReadings(parts);
  const snapshots = readings.flatMap(({ reading }) =>
    reading.kind === 'unavailable' ? [] : [reading.snapshot],
  );
  const doubts = readings.flatMap(({ carrier, reading }) =>
    reading.kind === 'current' ? [] : [`IPspace ${carrier.ipspace.name}: ${reading.reason}`],
  );
  if (snapshots.length === 0) return unavailable(doubts);
  return {
    kind: 'rows',
    rows: rowsOf(parts, snapshots, principal),
    observedAtMs: Math.min(...snapshots.map(({ observedAtMs }) => observedAtMs)),
    ...(doubts.length > 0 && { warning: warningOf(doubts) }),
  };
}

/** One SA by uuid. What is not among last known rows may be there by now: then the answer is 503, not 404. */
export function findSa(
  parts: ResourceParts,
  uuid: string,
  principal: Principal,
): SaRow | undefined | ApiFailure {
  const readings = concernedReadings(parts);
  for (const { reading } of readings) {
    if (reading.kind === 'unavailable') continue;
    const sa = reading.snapshot.find(uuid);
    if (sa === undefined) continue;
    const row = rowOf(parts, reading.snapshot, sa);
    return isVisible(row, principal) ? row : undefined;
  }
  const doubts = readings.flatMap(({ carrier, reading }) =>
    reading.kind === 'current' ? [] : [`IPspace ${carrier.ipspace.name}: ${reading.reason}`],
  );
  return doubts.length === 0 ? undefined : unavailable(doubts);
}

function concernedReadings(parts: ResourceParts): { carrier: Carrier; reading: SadReading }[] {
  const withPolicies = ipspacesWithPolicies(parts);
  return [...parts.carriers.all()]
    .map((carrier) => ({ carrier, reading: carrier.reconciler.readSad() }))
    .filter(
      ({ carrier, reading }) =>
        reading.kind === 'current' ||
        carrier.ipspace.name === 'Default' ||
        withPolicies.has(carrier.ipspace.uuid),
    );
}

/** UUIDs of the IPspaces that hold at least one policy. */
export function ipspacesWithPolicies({ desired }: Pick<ResourceParts, 'desired'>): ReadonlySet<string> {
  return new Set([...desired.snapshot().policies.values()].map(({ value }) => value.ipspace.uuid));
}

function* rowsOf(
  parts: ResourceParts,
  snapshots: readonly SadSnapshot[],
  principal: Principal,
): Iterable<SaRow> {
  for (const snapshot of snapshots) {
    for (const sa of snapshot.rows) {
      const row = rowOf(parts, snapshot, sa);
      if (isVisible(row, principal)) yield row;
    }
  }
}

function rowOf({ saOwners }: ResourceParts, { rows }: SadSnapshot, sa: ObservedSa): SaRow {
  const { policyUuid } = sa;
  if (policyUuid === undefined) return { sa };
  const policy =
    saOwners.present(policyUuid) ??
    (sa.kind === 'ike' ? heirOf(saOwners, rows, sa.uuid) : undefined) ??
    saOwners.deleted(policyUuid);
  return policy === undefined ? { sa } : { sa, policy };
}

/** The policy that an IKE SA goes on for, when the one that brought it up is gone. */
function heirOf(owners: SaOwners, rows: readonly ObservedSa[], ikeUuid: string): SaOwner | undefined {
  for (const sa of rows) {
    if (sa.kind !== 'ipsec' || sa.ikeUuid !== ikeUuid || sa.policyUuid === undefined) continue;
    const owner = owners.present(sa.policyUuid);
    if (owner !== undefined) return owner;
  }
  return undefined;
}

function isVisible({ sa, policy }: SaRow, principal: Principal): boolean {
  if (principal.svmUuid === undefined) return true;
  if (sa.given !== undefined) return sa.given.get('svm.uuid') === principal.svmUuid;
  return policy?.scope.kind === 'svm' && policy.scope.svm.uuid === principal.svmUuid;
}

function warningOf(doubts: readonly string[]): ApiProblem {
  return problem(recordErrors.sasOfBefore, { why: doubts.join('. ') });
}

function unavailable(doubts: readonly string[]): ApiFailure {
  return failure(recordErrors.sasUnobserved, { why: doubts.join('. ') });
}
