import type { PolicyScope, RevocationMode } from '@esplanade/domain';
import type { CollectionResource, ModifyResult, ParsedBody, WriteContext } from '@esplanade/ontap';
import { textOf } from './body-reader.ts';
import { recordReaders, writeErrors } from './named-record.ts';
import { modifyRecord } from './record-changes.ts';
import { recordErrors, refusalErrors } from './record-error-codes.ts';
import { hrefs, referenceFields } from './reference-fields.ts';
import type { ResourceParts } from './resource-parts.ts';

/** An owner of policies, and its mode. */
interface Row {
  readonly uuid: string;
  readonly scope: PolicyScope;
  readonly mode: RevocationMode;
  /** When the mode was set; 0 where it never was. */
  readonly revision: number;
}

/**
 * `/esplanade/v1/revocation-modes`: what becomes of remotes of whose certificates nobody knows whether they are
 * revoked.
 */
export function esplanadeRevocationModes({ desired, turns }: ResourceParts): CollectionResource<Row> {
  return {
    kind: 'collection',
    path: '/esplanade/v1/revocation-modes',
    title: 'Revocation modes',
    key: 'uuid',
    svmAccess: ['GET', 'PATCH'],
    fields: {
      uuid: {
        type: 'string',
        description: 'UUID of the SVM, or of the cluster, whose policies it is about.',
        isDefault: true,
        get: ({ uuid }) => uuid,
      },
      scope: {
        type: 'string',
        description: 'svm, or cluster for policies of no SVM.',
        enum: ['svm', 'cluster'],
        isDefault: true,
        get: ({ scope }) => scope.kind,
      },
      ...referenceFields<Row>('svm', 'the SVM', svmOf, { isDefault: true }),
      mode: {
        type: 'keyword',
        description:
          'relaxed (default): a remote whose certificate no current list covers is let in. strict: it is not. A revoked one never is.',
        enum: ['relaxed', 'strict'],
        isDefault: true,
        writable: ['patch'],
        get: ({ mode }) => mode,
      },
    },
    links: {
      svm: (row) => {
        const svm = svmOf(row);
        return svm && hrefs.svm(svm.uuid);
      },
    },
    examples: {
      patch: { mode: 'strict' },
      record: { scope: 'svm', 'svm.name': 'svm1', mode: 'strict' },
    },
    errors: { PATCH: [refusalErrors.parentMissing, recordErrors.changedMeanwhile, ...writeErrors] },
    ...recordReaders(
      rows,
      ({ scope }, { svmUuid }) =>
        svmUuid === undefined || (scope.kind === 'svm' && scope.svm.uuid === svmUuid),
    ),
    revision: ({ revision }) => revision,
    modify: modifyMode,
  };

  function rows(): ReadonlyMap<string, Row> {
    const { cluster, svms, revocationModes } = desired.snapshot();
    const row = (uuid: string, scope: PolicyScope, owner: string): readonly [string, Row] => {
      const set = revocationModes.get(owner);
      return [uuid, { uuid, scope, mode: set?.value ?? 'relaxed', revision: set?.modified ?? 0 }];
    };
    const ofSvms = [...svms.values()].map(({ value: { uuid, name } }) =>
      row(uuid, { kind: 'svm', svm: { uuid, name } }, uuid),
    );
    const all = [...ofSvms, row(cluster.uuid, { kind: 'cluster' }, 'cluster')];
    return new Map(all.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async function modifyMode(row: Row, body: ParsedBody, context: WriteContext): Promise<ModifyResult> {
    const { uuid, scope, revision } = row;
    if (!body.has('mode')) return { kind: 'modified', revision };
    // Unset is the default.
    const mode = textOf(body, 'mode') === 'strict' ? 'strict' : 'relaxed';
    return modifyRecord(context, {
      turns,
      key: `revocation-mode ${uuid}`,
      find: () => {
        const set = desired.snapshot().revocationModes.get(scope.kind === 'svm' ? uuid : 'cluster');
        return { modified: set?.modified ?? 0, expected: set?.modified ?? ('unset' as const) };
      },
      write: ({ expected }) => desired.setRevocationMode(scope, mode, expected),
    });
  }
}

function svmOf({ scope }: Row) {
  return scope.kind === 'svm' ? scope.svm : undefined;
}
