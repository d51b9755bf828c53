import {
  type ApiFailure,
  type CreateResult,
  isFailure,
  type ParsedBody,
  type TableResource,
  tableKey,
  type WriteContext,
} from '@esplanade/ontap';
import { textOf, withoutNulls } from './body-reader.ts';
import { restBody } from './cli-columns.ts';
import { cliPolicyColumns } from './cli-policy-columns.ts';
import { inColumns } from './cli-sentences.ts';
import { policyWriteErrors } from './ipsec-write-errors.ts';
import { overlapParameter } from './key-overlap.ts';
import { forceParameter } from './lock-out.ts';
import type { PolicyRow } from './policy-fields.ts';
import { createPolicy, modifyPolicy, removePolicy } from './policy-writes.ts';
import type { ResourceParts } from './resource-parts.ts';
import { ambiguousOwner } from './svm-reference.ts';
import { findPolicy, visiblePolicies } from './visible-policies.ts';

/**
 * `/private/cli/security/ipsec/policy`: ONTAP's `security ipsec policy show`, `create`, `modify` and `delete`, the only
 * door to a policy's cipher suite and lifetimes. Records are known by vserver and name; PATCH and DELETE select them by
 * query.
 */
export function privateCliIpsecPolicy(parts: ResourceParts): TableResource<PolicyRow> {
  const { desired } = parts;
  const vserverOf = ({ value: { scope } }: PolicyRow): string =>
    scope.kind === 'svm' ? scope.svm.name : desired.snapshot().cluster.name;
  return {
    kind: 'table',
    path: '/private/cli/security/ipsec/policy',
    svmAccess: ['GET', 'POST', 'PATCH', 'DELETE'],
    title: 'CLI: security ipsec policy',
    since: '9.8',
    isCli: true,
    keys: ['vserver', 'name'],
    fields: {
      vserver: {
        type: 'string',
        description: 'SVM the policy belongs to; the name of the cluster for scope cluster.',
        writable: ['post'],
        example: 'svm1',
        get: vserverOf,
      },
      ...cliPolicyColumns,
    },
    examples: {
      post: {
        vserver: 'svm1',
        name: 'iscsi',
        local_ip_subnets: ['192.0.2.30/32'],
        remote_ip_subnets: ['192.0.2.40/32'],
        local_ports: ['3260'],
        protocols: ['tcp'],
        shared_key: 'an example, not for use',
        cipher_suite: 'suiteb_gmac256',
      },
      patch: { ike_lifetime: 43_200, ipsec_lifetime: 3_600 },
      record: { vserver: 'svm1', name: 'iscsi' },
    },
    errors: policyWriteErrors,
    parameters: [forceParameter('POST', 'PATCH', 'DELETE'), overlapParameter],
    list: (principal) => ({ kind: 'rows', rows: visiblePolicies(desired.snapshot(), principal) }),
    create: async (columns, context) => inColumns(await create(parts, columns, context, vserverOf)),
    modify: async (row, columns, context) =>
      inColumns(await modifyPolicy(parts, row, restBody(columns), context)),
    remove: async (row, context) => inColumns(await removePolicy(parts, row, context)),
  };
}

async function create(
  parts: ResourceParts,
  columns: ParsedBody,
  context: WriteContext,
  vserverOf: (row: PolicyRow) => string,
): Promise<CreateResult> {
  const owned = ownedBody(parts, columns);
  if (isFailure(owned)) return owned;
  const created = await createPolicy(parts, owned, context);
  if (isFailure(created)) return created;
  const row = findPolicy(parts.desired.snapshot(), created.key);
  // It may be gone again already; then there is no record to show.
  return row === undefined ? created : { ...created, key: tableKey(vserverOf(row), row.value.name) };
}

/** The cluster's own name is the vserver of policies that belong to no SVM. */
function ownedBody({ desired }: ResourceParts, columns: ParsedBody): ParsedBody | ApiFailure {
  const body = withoutNulls(restBody(columns));
  const snapshot = desired.snapshot();
  const name = textOf(body, 'svm.name');
  const ambiguous = ambiguousOwner(name, 'svm.name', snapshot);
  if (ambiguous !== undefined) return ambiguous;
  if (name !== snapshot.cluster.name) return body;
  const owned = new Map(body).set('scope', 'cluster');
  owned.delete('svm.name');
  return owned;
}
