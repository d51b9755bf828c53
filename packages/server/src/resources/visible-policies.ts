import type { DesiredSnapshot } from '@esplanade/desired';
import type { PolicyUuid } from '@esplanade/domain';
import type { Principal } from '@esplanade/ontap';
import type { PolicyRow } from './policy-fields.ts';

/** The policy of that uuid, if it is there. */
export function findPolicy(snapshot: DesiredSnapshot, uuid: string): PolicyRow | undefined {
  // A key of the API is any text; the map knows which texts are uuids of policies.
  return snapshot.policies.get(uuid as PolicyUuid);
}

/** Whether the principal may know of the policy: an SVM's own are all that exists for it. */
export function isVisible({ value }: Pick<PolicyRow, 'value'>, principal: Principal): boolean {
  if (principal.svmUuid === undefined) return true;
  return value.scope.kind === 'svm' && value.scope.svm.uuid === principal.svmUuid;
}

/** The policies that exist for the principal, in ascending order of their uuids. */
export function* visiblePolicies({ policies }: DesiredSnapshot, principal: Principal): Iterable<PolicyRow> {
  for (const row of policies.values()) if (isVisible(row, principal)) yield row;
}
