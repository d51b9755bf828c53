import type { CollectionResource } from '@esplanade/ontap';
import { withoutNulls } from './body-reader.ts';
import { policyWriteErrors } from './ipsec-write-errors.ts';
import { overlapParameter } from './key-overlap.ts';
import { forceParameter } from './lock-out.ts';
import { missingAs, notFoundErrors } from './not-found-error-codes.ts';
import { type PolicyRow, policyFields, policyLinks } from './policy-fields.ts';
import { createPolicy, modifyPolicy, removePolicy } from './policy-writes.ts';
import type { ResourceParts } from './resource-parts.ts';
import { findPolicy, isVisible, visiblePolicies } from './visible-policies.ts';

/** `/security/ipsec/policies`: all five verbs. */
export function securityIpsecPolicies(parts: ResourceParts): CollectionResource<PolicyRow> {
  const { desired } = parts;
  return {
    kind: 'collection',
    path: '/security/ipsec/policies',
    svmAccess: ['GET', 'POST', 'PATCH', 'DELETE'],
    title: 'IPsec policies',
    since: '9.8',
    key: 'uuid',
    fields: policyFields,
    links: policyLinks,
    examples: {
      post: {
        name: 'smb',
        svm: { name: 'svm1' },
        secret_key: 'an example, not for use',
        local_endpoint: { address: '192.0.2.10', netmask: '32', port: '445' },
        remote_endpoint: { address: '192.0.2.20', netmask: '32' },
        local_identity: 'nas.example.com',
        remote_identity: 'client.example.com',
        protocol: 'tcp',
      },
      patch: { enabled: false, remote_endpoint: { address: '192.0.2.21', netmask: '32' } },
      record: {
        action: 'esp_transport',
        authentication_method: 'psk',
        'certificate.name': undefined,
        'certificate.uuid': undefined,
        certificate_modify_keepsa: undefined,
        'ppk.identity': undefined,
      },
    },
    errors: {
      GET: [notFoundErrors.policy],
      POST: policyWriteErrors.POST,
      PATCH: [notFoundErrors.policy, ...policyWriteErrors.PATCH],
      DELETE: [notFoundErrors.policy, ...policyWriteErrors.DELETE],
    },
    parameters: [forceParameter('POST', 'PATCH', 'DELETE'), overlapParameter],
    list: (principal) => {
      const snapshot = desired.snapshot();
      return {
        kind: 'rows',
        rows: visiblePolicies(snapshot, principal),
        inKeyOrder: true,
        ...(principal.svmUuid === undefined && { count: snapshot.policies.size }),
      };
    },
    madeOf: (row) => [row],
    revision: ({ modified }) => modified,
    find: (key, principal) => {
      const row = findPolicy(desired.snapshot(), key);
      return row !== undefined && isVisible(row, principal) ? row : undefined;
    },
    missing: missingAs(parts.ontapVersion, notFoundErrors.policy),
    create: (body, context) => createPolicy(parts, withoutNulls(body), context),
    modify: (row, body, context) => modifyPolicy(parts, row, body, context),
    remove: (row, context) => removePolicy(parts, row, context),
  };
}
