import { randomUUID } from 'node:crypto';
import type { Svm, Versioned } from '@esplanade/desired';
import {
  type CollectionResource,
  type CreateResult,
  type DeleteResult,
  isFailure,
  type ParsedBody,
  type Principal,
} from '@esplanade/ontap';
import {
  administratorsOnly,
  createRecord,
  deleteRecord,
  recordFields,
  recordName,
  recordReaders,
} from './named-record.ts';
import { hrefs, referenceFields } from './reference-fields.ts';
import type { ResourceParts } from './resource-parts.ts';
import { defaultIpspace, namedIpspace } from './svm-reference.ts';

type Row = Versioned<Svm>;

/** `/svm/svms`: tenants, each inside one IPspace. */
export function svmSvms({ desired }: ResourceParts): CollectionResource<Row> {
  return {
    kind: 'collection',
    path: '/svm/svms',
    title: 'SVMs',
    key: 'uuid',
    fields: {
      ...recordFields<Row>('SVM', 'Name of the SVM, unique in the cluster.', 'svm2'),
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
    ...recordReaders(() => desired.snapshot().svms, isVisible),
    create: (body, { principal }) => createSvm(body, principal),
    remove: (row, { principal }) => removeSvm(row, principal),
  };

  async function createSvm(body: ParsedBody, principal: Principal): Promise<CreateResult> {
    const denied = administratorsOnly(principal);
    if (denied !== undefined) return denied;
    const snapshot = desired.snapshot();
    const name = recordName(body);
    if (isFailure(name)) return name;
    const ipspace = namedIpspace(body, snapshot) ?? defaultIpspace(snapshot);
    if (isFailure(ipspace)) return ipspace;
    return createRecord({ uuid: randomUUID(), name, ipspace }, (svm) => desired.createSvm(svm));
  }

  async function removeSvm({ value }: Row, principal: Principal): Promise<DeleteResult> {
    return administratorsOnly(principal) ?? deleteRecord(() => desired.deleteSvm(value.uuid));
  }
}

function isVisible({ value }: Row, { svmUuid }: Principal): boolean {
  return svmUuid === undefined || value.uuid === svmUuid;
}
