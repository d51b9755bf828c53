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
  type WriteContext,
} from '@esplanade/ontap';
import { textOf } from './body-reader.ts';
import { ipsecErrors } from './ipsec-error-codes.ts';
import {
  administratorsOnly,
  createRecord,
  recordFields,
  recordName,
  recordReaders,
  writeErrors,
} from './named-record.ts';
import { deleteRecord, modifyRecord, unchanged } from './record-changes.ts';
import { recordErrors, refusalErrors } from './record-error-codes.ts';
import { hrefs, referenceFields } from './reference-fields.ts';
import type { ResourceParts } from './resource-parts.ts';
import { defaultIpspace, namedIpspace } from './svm-reference.ts';

type Row = Versioned<Svm>;

const longestCommentCharacters = 255;

/** `/svm/svms`: tenants, each inside one IPspace. */
export function svmSvms({ desired, turns }: ResourceParts): CollectionResource<Row> {
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
    revision: ({ modified }) => modified,
    modify: modifySvm,
    remove: removeSvm,
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

  async function modifySvm(row: Row, body: ParsedBody, context: WriteContext): Promise<ModifyResult> {
    const denied = administratorsOnly(context.principal);
    if (denied !== undefined) return denied;
    const comment = readComment(body);
    if (isFailure(comment)) return comment;
    if (body.size === 0) return unchanged(row);
    const name = body.has('name') ? recordName(body) : undefined;
    if (isFailure(name)) return name;
    const { uuid } = row.value;
    return modifyRecord(context, {
      turns,
      key: uuid,
      find: () => desired.snapshot().svms.get(uuid),
      write: ({ value, modified }) => {
        const { comment: _, ...rest } = value;
        const kept = body.has('comment') ? rest : value;
        return desired.updateSvm({ ...kept, name: name ?? value.name, ...comment }, modified);
      },
    });
  }

  async function removeSvm({ value: { uuid } }: Row, context: WriteContext): Promise<DeleteResult> {
    const denied = administratorsOnly(context.principal);
    if (denied !== undefined) return denied;
    return deleteRecord(
      context,
      () => desired.snapshot().svms.get(uuid),
      (expected) => desired.deleteSvm(uuid, expected),
    );
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
