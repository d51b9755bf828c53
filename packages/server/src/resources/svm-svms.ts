import { randomUUID } from 'node:crypto';
import type { Svm, Versioned } from '@esplanade/desired';
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
import { hrefs, referenceFields } from './reference-fields.ts';
import type { ResourceParts } from './resource-parts.ts';
import { defaultIpspace, namedIpspace } from './svm-reference.ts';
import { attemptWrite, writeFailure } from './write-failure.ts';

type Row = Versioned<Svm>;

/** `/svm/svms`: tenants, each inside one IPspace. */
export function svmSvms({ desired }: ResourceParts): CollectionResource<Row> {
  return {
    kind: 'collection',
    path: '/svm/svms',
    title: 'SVMs',
    key: 'uuid',
    fields: {
      uuid: {
        type: 'string',
        description: 'UUID of the SVM.',
        isDefault: true,
        get: ({ value }) => value.uuid,
      },
      name: {
        type: 'string',
        description: 'Name of the SVM, unique in the cluster.',
        isDefault: true,
        writable: ['post'],
        example: 'svm2',
        get: ({ value }) => value.name,
      },
      ...referenceFields<Row>(
        'ipspace',
        'the IPspace the SVM is in (Default)',
        ({ value }) => value.ipspace,
        {
          writable: ['post'],
        },
      ),
      state: { type: 'string', description: 'State of the SVM.', enum: ['running'], get: () => 'running' },
      subtype: { type: 'string', description: 'Kind of SVM.', enum: ['default'], get: () => 'default' },
    },
    links: { ipspace: ({ value }) => hrefs.ipspace(value.ipspace.uuid) },
    list: (principal) => ({
      kind: 'rows',
      rows: [...desired.snapshot().svms.values()].filter((row) => isVisible(row, principal)),
      inKeyOrder: true,
    }),
    find: (key, principal) => {
      const row = desired.snapshot().svms.get(key);
      return row !== undefined && isVisible(row, principal) ? row : undefined;
    },
    create: (body, { principal }) => createSvm(body, principal),
    remove: (row, { principal }) => removeSvm(row, principal),
  };

  async function createSvm(body: ParsedBody, principal: Principal): Promise<CreateResult> {
    if (principal.svmUuid !== undefined) return failure(genericErrors.notAuthorized, {});
    const snapshot = desired.snapshot();
    const name = recordName(body);
    if (isFailure(name)) return name;
    const ipspace = namedIpspace(body, snapshot) ?? defaultIpspace(snapshot);
    if (isFailure(ipspace)) return ipspace;
    const svm: Svm = { uuid: randomUUID(), name, ipspace };
    const result = await attemptWrite(() => desired.createSvm(svm));
    if (isFailure(result)) return result;
    return result.kind === 'written'
      ? { kind: 'created', key: svm.uuid }
      : writeFailure(result, duplicateRecord);
  }

  async function removeSvm({ value }: Row, principal: Principal): Promise<DeleteResult> {
    if (principal.svmUuid !== undefined) return failure(genericErrors.notAuthorized, {});
    const result = await attemptWrite(() => desired.deleteSvm(value.uuid));
    if (isFailure(result)) return result;
    return result.kind === 'written' ? { kind: 'deleted' } : writeFailure(result, duplicateRecord);
  }
}

function isVisible({ value }: Row, { svmUuid }: Principal): boolean {
  return svmUuid === undefined || value.uuid === svmUuid;
}
