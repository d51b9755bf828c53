import type { ObservedSa } from '@esplanade/datapath';
import type { ChildSa } from '@esplanade/domain';
import {
  type ApiFailure,
  type ApiProblem,
  failure,
  isFailure,
  type Principal,
  problem,
  type Rows,
} from '@esplanade/ontap';
import type { SadReading, SadSnapshot } from '@esplanade/reconciler';
import { inKeyOrder } from './key-order.ts';
import { recordErrors } from './record-error-codes.ts';
import type { Carrier, ResourceParts } from './resource-parts.ts';
import type { SaOwner, SaOwners } from './sa-owners.ts';
import { namedIpspace } from './svm-reference.ts';

/** An SA with the policy it carries, as far as that is known; that may have been deleted a moment ago. */
export interface SaRow {
  readonly sa: ObservedSa;
  readonly policy?: SaOwner;
}

/**
 * All SAs of all IPspaces, or of the one that `parameters` name. Never an empty list as if it were truth (decision 6):
 * last known rows carry a warning, and where nothing was ever observed the answer is 503. An IPspace that holds no
 * policy may be without a datapath.
 */
export function saRows(
  parts: ResourceParts,
  principal: Principal,
  parameters: ReadonlyMap<string, string> = new Map(),
): Rows<SaRow> | ApiFailure {
  const ipspace = namedIpspace(parameters, parts.desired.snapshot(), principal);
  if (isFailure(ipspace)) return ipspace;
  const readings = concernedReadings(parts, principal, ipspace);
  const snapshots = readings.flatMap(({ reading }) =>
    reading.kind === 'unavailable' ? [] : [reading.snapshot],
  );
  const doubts = readings.flatMap(({ carrier, reading }) =>
    reading.kind === 'current' ? [] : [`IPspace ${carrier.ipspace.name}: ${reading.reason}`],
  );
  if (snapshots.length === 0) return unavailable(doubts);
  const rowsOf = (sasOf: (snapshot: SadSnapshot) => Iterable<ObservedSa>): Iterable<SaRow> => {
    const sequences = snapshots.map((snapshot) => visibleRows(parts, snapshot, sasOf(snapshot), principal));
    return inKeyOrder(sequences, ({ sa }) => sa.uuid);
  };
  return {
    kind: 'rows',
    rows: rowsOf(({ rows }) => rows),
    inKeyOrder: true,
    after: (uuid) => rowsOf((snapshot) => snapshot.after(uuid)),
    // An SVM sees its own alone, and nobody has counted those.
    ...(principal.svmUuid === undefined && {
      count: snapshots.reduce((count, { rows }) => count + rows.length, 0),
    }),
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
  const readings = concernedReadings(parts, principal);
  for (const { reading } of readings) {
    if (reading.kind === 'unavailable') continue;
    const sa = reading.snapshot.find(uuid);
    if (sa === undefined) continue;
    const row = rowOf(parts, reading.snapshot, sa);
    return isVisible(parts, row, principal) ? row : undefined;
  }
  const doubts = readings.flatMap(({ carrier, reading }) =>
    reading.kind === 'current' ? [] : [`IPspace ${carrier.ipspace.name}: ${reading.reason}`],
  );
  return doubts.length === 0 ? undefined : unavailable(doubts);
}

/** An SVM has SAs in its own IPspace alone, and is not told how others stand. */
function concernedReadings(
  parts: ResourceParts,
  { svmUuid }: Principal,
  asked?: { readonly uuid: string },
): { carrier: Carrier; reading: SadReading }[] {
  const withPolicies = ipspacesWithPolicies(parts);
  const own = svmUuid === undefined ? undefined : parts.desired.snapshot().svms.get(svmUuid)?.value.ipspace;
  const isConcerned = ({ ipspace }: Carrier): boolean =>
    (own === undefined || own.uuid === ipspace.uuid) && (asked === undefined || asked.uuid === ipspace.uuid);
  return [...parts.carriers.all()]
    .filter(isConcerned)
    .map((carrier) => ({ carrier, reading: carrier.reconciler.readSad() }))
    .filter(
      ({ carrier, reading }) =>
        reading.kind === 'current' ||
        asked !== undefined ||
        carrier.ipspace.name === 'Default' ||
        withPolicies.has(carrier.ipspace.uuid),
    );
}

const ipspacesOf = new WeakMap<object, ReadonlySet<string>>();

/** UUIDs of the IPspaces that hold at least one policy. */
export function ipspacesWithPolicies({ desired }: Pick<ResourceParts, 'desired'>): ReadonlySet<string> {
  const { policies } = desired.snapshot();
  const known = ipspacesOf.get(policies);
  if (known !== undefined) return known;
  const ipspaces = new Set(Iterator.from(policies.values()).map(({ value }) => value.ipspace.uuid));
  ipspacesOf.set(policies, ipspaces);
  return ipspaces;
}

function* visibleRows(
  parts: ResourceParts,
  snapshot: SadSnapshot,
  sas: Iterable<ObservedSa>,
  principal: Principal,
): Iterable<SaRow> {
  for (const sa of sas) {
    const row = rowOf(parts, snapshot, sa);
    if (isVisible(parts, row, principal)) yield row;
  }
}

function rowOf({ saOwners }: ResourceParts, snapshot: SadSnapshot, sa: ObservedSa): SaRow {
  const { policyUuid } = sa;
  if (policyUuid === undefined) return { sa };
  const policy =
    saOwners.present(policyUuid) ??
    (sa.kind === 'ike' ? heirOf(saOwners, snapshot, sa.uuid) : undefined) ??
    saOwners.deleted(policyUuid);
  return policy === undefined ? { sa } : { sa, policy };
}

const childrenOf = new WeakMap<SadSnapshot, ReadonlyMap<string, readonly ChildSa[]>>();

/** The policy that an IKE SA goes on for, when the one that brought it up is gone. */
function heirOf(owners: SaOwners, snapshot: SadSnapshot, ikeUuid: string): SaOwner | undefined {
  const children = childrenOf.get(snapshot) ?? childrenByIkeSa(snapshot);
  childrenOf.set(snapshot, children);
  for (const { policyUuid } of children.get(ikeUuid) ?? []) {
    const owner = policyUuid && owners.present(policyUuid);
    if (owner !== undefined) return owner;
  }
  return undefined;
}

function childrenByIkeSa({ rows }: SadSnapshot): ReadonlyMap<string, readonly ChildSa[]> {
  const children = rows.flatMap((sa) => (sa.kind === 'ipsec' ? [sa] : []));
  return Map.groupBy(children, ({ ikeUuid }) => ikeUuid);
}

function isVisible({ desired }: ResourceParts, { sa, policy }: SaRow, principal: Principal): boolean {
  if (principal.svmUuid === undefined) return true;
  if (sa.given !== undefined) {
    const uuid = sa.given.get('svm.uuid');
    if (uuid !== undefined) return uuid === principal.svmUuid;
    // Who writes records down beforehand cannot know the uuid that an SVM is going to have.
    const name = sa.given.get('svm.name');
    return name !== undefined && name === desired.snapshot().svms.get(principal.svmUuid)?.value.name;
  }
  return policy?.scope.kind === 'svm' && policy.scope.svm.uuid === principal.svmUuid;
}

function warningOf(doubts: readonly string[]): ApiProblem {
  return problem(recordErrors.sasOfBefore, { why: doubts.join('. ') });
}

function unavailable(doubts: readonly string[]): ApiFailure {
  return failure(recordErrors.sasUnobserved, { why: doubts.join('. ') });
}
