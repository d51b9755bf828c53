import { randomUUID } from 'node:crypto';
import type { Ipspace, Versioned } from '@esplanade/desired';
import {
  type CollectionResource,
  type CreateResult,
  type DeleteResult,
  failure,
  genericErrors,
  isFailure,
  type ParsedBody,
  type Principal,
  type WriteContext,
} from '@esplanade/ontap';
import { expectedIpspaceName } from '../vici-paths.ts';
import {
  administratorsOnly,
  createRecord,
  recordFields,
  recordName,
  recordReaders,
  writeErrors,
} from './named-record.ts';
import { deleteRecord } from './record-changes.ts';
import { recordErrors, refusalErrors } from './record-error-codes.ts';
import type { ResourceParts } from './resource-parts.ts';

type Row = Versioned<Ipspace>;

/** `/network/ipspaces`: an IPspace is the network namespace of that name, `Default` the host's own (decision 1). */
export function networkIpspaces({ desired }: ResourceParts): CollectionResource<Row> {
  return {
    kind: 'collection',
    path: '/network/ipspaces',
    svmAccess: ['GET'],
    title: 'IPspaces',
    key: 'uuid',
    fields: {
      ...recordFields<Row>(
        'IPspace',
        'Name of the network namespace; Default is the host itself.',
        'tenant1',
      ),
    },
    examples: { post: { name: 'tenant1' } },
    errors: {
      POST: [recordErrors.missingField, genericErrors.duplicateEntry, ...writeErrors],
      DELETE: [recordErrors.defaultIpspace, refusalErrors.stillUsed, ...writeErrors],
    },
    ...recordReaders(
      () => desired.snapshot().ipspaces,
      ({ value }, { svmUuid }) =>
        svmUuid === undefined || desired.snapshot().svms.get(svmUuid)?.value.ipspace.uuid === value.uuid,
    ),
    create: (body, { principal }) => createIpspace(body, principal),
    revision: ({ modified }) => modified,
    remove: removeIpspace,
  };

  async function createIpspace(body: ParsedBody, principal: Principal): Promise<CreateResult> {
    const denied = administratorsOnly(principal);
    if (denied !== undefined) return denied;
    const name = recordName(body);
    if (isFailure(name)) return name;
    const expected = expectedIpspaceName(name);
    if (expected !== undefined)
      return failure(genericErrors.invalidValue, { value: name, field: 'name', expected }, 'name');
    return createRecord({ uuid: randomUUID(), name }, (ipspace) => desired.createIpspace(ipspace));
  }

  async function removeIpspace({ value }: Row, context: WriteContext): Promise<DeleteResult> {
    const denied = administratorsOnly(context.principal);
    if (denied !== undefined) return denied;
    if (value.name === 'Default') {
      return failure(recordErrors.defaultIpspace, {}, 'uuid');
    }
    return deleteRecord(
      context,
      () => desired.snapshot().ipspaces.get(value.uuid),
      (expected) => desired.deleteIpspace(value.uuid, expected),
    );
  }
}
