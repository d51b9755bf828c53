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
} from '@esplanade/ontap';
import { duplicateRecord, recordName } from './named-record.ts';
import type { ResourceParts } from './resource-parts.ts';
import { attemptWrite, writeFailure } from './write-failure.ts';

type Row = Versioned<Ipspace>;

/** `/network/ipspaces`: an IPspace is the network namespace of that name, `Default` the host's own (decision 1). */
export function networkIpspaces({ desired }: ResourceParts): CollectionResource<Row> {
  return {
    kind: 'collection',
    path: '/network/ipspaces',
    title: 'IPspaces',
    key: 'uuid',
    fields: {
      uuid: {
        type: 'string',
        description: 'UUID of the IPspace.',
        isDefault: true,
        get: ({ value }) => value.uuid,
      },
      name: {
        type: 'string',
        description: 'Name of the network namespace; Default is the host itself.',
        isDefault: true,
        writable: ['post'],
        example: 'tenant1',
        get: ({ value }) => value.name,
      },
    },
    list: () => ({ kind: 'rows', rows: desired.snapshot().ipspaces.values(), inKeyOrder: true }),
    find: (key) => desired.snapshot().ipspaces.get(key),
    create: (body, { principal }) => createIpspace(body, principal),
    remove: (row, { principal }) => removeIpspace(row, principal),
  };

  async function createIpspace(body: ParsedBody, principal: Principal): Promise<CreateResult> {
    if (principal.svmUuid !== undefined) return failure(genericErrors.notAuthorized, {});
    const name = recordName(body);
    if (isFailure(name)) return name;
    const ipspace: Ipspace = { uuid: randomUUID(), name };
    const result = await attemptWrite(() => desired.createIpspace(ipspace));
    if (isFailure(result)) return result;
    return result.kind === 'written'
      ? { kind: 'created', key: ipspace.uuid }
      : writeFailure(result, duplicateRecord);
  }

  async function removeIpspace({ value }: Row, principal: Principal): Promise<DeleteResult> {
    if (principal.svmUuid !== undefined) return failure(genericErrors.notAuthorized, {});
    if (value.name === 'Default') {
      const message = 'The IPspace "Default" is the host\'s own network namespace and cannot be deleted.';
      const { code } = genericErrors.resourceInUse;
      return { kind: 'failure', problems: [{ code, message, target: 'uuid' }] };
    }
    const result = await attemptWrite(() => desired.deleteIpspace(value.uuid));
    if (isFailure(result)) return result;
    return result.kind === 'written' ? { kind: 'deleted' } : writeFailure(result, duplicateRecord);
  }
}
