import { randomUUID } from 'node:crypto';
import type { Svm, Versioned } from '@esplanade/desired';
import {
  type ApiFailure,
  type CollectionResource,
  type CreateResult,
  type DeleteResult,
  failure,
  genericErrors,
  isFailure,
  type ModifyResult,
  type ParsedBody,
  type Principal,
} from '@esplanade/ontap';
import { textOf } from './body-reader.ts';
import { ipsecErrors } from './ipsec-error-codes.ts';
import {
  administratorsOnly,
  createRecord,
  deleteRecord,
  modifyRecord,
  recordFields,
  recordName,
  recordReaders,
  writeErrors,
} from './named-record.ts';
import { recordErrors, refusalErrors } from './record-error-codes.ts';
import { hrefs, referenceFields } from './reference-fields.ts';
import type { ResourceParts } from './resource-parts.ts';
import { defaultIpspace, namedIpspace } from './svm-reference.ts';

type Row = Versioned<Svm>;

const longestCommentCharacters = 255;

/** `/svm/svms`: tenants, each inside one IPspace. */
export function svmSvms({ desired }: ResourceParts): CollectionResource<Row> {
  return {
    kind: 'collection',
    path: '/svm/svms',
    svmAccess: ['GET'],
    title: 'SVMs',
    key: 'uuid',
    fields: {
      ...recordFields<Row>('SVM', 'Name of the SVM, unique in the cluster.', 'svm2', true),
      ...referenceFields<Row>(
        'ipspace',
        'the IPspace the SVM is in (Default)',
        ({ value }) => value.ipspace,
        {
          writable: ['post'],
        },
      ),
      comment: {
        type: 'string',
        description: `Whatever people want to know of it, up to ${longestCommentCharacters} characters.`,
        writable: ['post', 'patch'],
        example: 'tenant of the second floor',
        get: ({ value }) => value.comment,
      },
      state: { type: 'string', description: 'State of the SVM.', enum: ['running'], get: () => 'running' },
      subtype: { type: 'string', description: 'Kind of SVM.', enum: ['default'], get: () => 'default' },
    },
    links: { ipspace: ({ value }) => hrefs.ipspace(value.ipspace.uuid) },
    examples: {
      post: { name: 'svm2', ipspace: { name: 'Default' } },
      patch: { name: 'svm3', comment: 'tenant of the second floor' },
    },
    errors: {
      POST: [
        recordErrors.missingField,
        ipsecErrors.ipspacesDisagree,
        genericErrors.duplicateEntry,
        refusalErrors.parentMissing,
        ...writeErrors,
      ],
      PATCH: [
        recordErrors.missingField,
        genericErrors.duplicateEntry,
        recordErrors.changedMeanwhile,
        ...writeErrors,
      ],
      DELETE: [refusalErrors.stillUsed, ...writeErrors],
    },
    ...recordReaders(() => desired.snapshot().svms, isVisible),
    create: (body, { principal }) => createSvm(body, principal),
    modify: (row, body, { principal }) => modifySvm(row, body, principal),
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
    const comment = readComment(body);
    if (isFailure(comment)) return comment;
    return createRecord({ uuid: randomUUID(), name, ipspace, ...comment }, (svm) => desired.createSvm(svm));
  }

  async function modifySvm(
    { value, modified }: Row,
    body: ParsedBody,
    principal: Principal,
  ): Promise<ModifyResult> {
    const denied = administratorsOnly(principal);
    if (denied !== undefined) return denied;
    const comment = readComment(body);
    if (isFailure(comment)) return comment;
    if (body.size === 0) return { kind: 'modified' };
    const name = body.has('name') ? recordName(body) : value.name;
    if (isFailure(name)) return name;
    const { comment: _, ...rest } = value;
    const after = { ...(body.has('comment') ? rest : value), name, ...comment };
    return modifyRecord(() => desired.updateSvm(after, modified));
  }

  async function removeSvm({ value }: Row, principal: Principal): Promise<DeleteResult> {
    return administratorsOnly(principal) ?? deleteRecord(() => desired.deleteSvm(value.uuid));
  }
}

/** An empty comment is none. */
function readComment(body: ParsedBody): Pick<Svm, 'comment'> | ApiFailure {
  const comment = textOf(body, 'comment');
  if (comment === undefined || comment === '') return {};
  if (comment.length <= longestCommentCharacters) return { comment };
  const given = {
    value: comment,
    field: 'comment',
    expected: `up to ${longestCommentCharacters} characters`,
  };
  return failure(genericErrors.invalidValue, given, 'comment');
}

function isVisible({ value }: Row, { svmUuid }: Principal): boolean {
  return svmUuid === undefined || value.uuid === svmUuid;
}
