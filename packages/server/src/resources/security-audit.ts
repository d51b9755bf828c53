import type { AuditSettings, Versioned } from '@esplanade/desired';
import { type ApiFailure, failure, genericErrors, type SingletonResource } from '@esplanade/ontap';
import { booleanOf } from './body-reader.ts';
import { writeErrors } from './named-record.ts';
import { modifyRecord, unchanged } from './record-changes.ts';
import { recordErrors } from './record-error-codes.ts';
import type { ResourceParts } from './resource-parts.ts';

type Row = Versioned<AuditSettings>;

/** What of the audit log's settings and destinations is one document, and changes one after another. */
export const auditSettingsTurn = 'audit-settings';

/**
 * `/security/audit`: whether requests that only read are kept too. Changes and refusals always are. There is no interface here but
 * HTTP, so the other two are false and stay so.
 */
export function securityAudit({ desired, turns }: ResourceParts): SingletonResource<Row> {
  return {
    kind: 'singleton',
    path: '/security/audit',
    title: 'Audit settings',
    svmAccess: [],
    fields: {
      cli: {
        type: 'boolean',
        description: 'Whether reading by a CLI session is audited: false, there are none.',
        writable: ['patch'],
        example: false,
        get: () => false,
      },
      http: {
        type: 'boolean',
        description: 'Whether GET requests are audited. Each then has an entry of its own.',
        writable: ['patch'],
        example: false,
        get: ({ value }) => value.auditsReads,
      },
      ontapi: {
        type: 'boolean',
        description: 'Whether reading by ONTAPI is audited: false, it is not served.',
        writable: ['patch'],
        example: false,
        get: () => false,
      },
    },
    examples: { patch: { http: true }, record: { cli: false, http: true, ontapi: false } },
    errors: { PATCH: [recordErrors.changedMeanwhile, ...writeErrors] },
    revision: ({ modified }) => modified,
    read: () => desired.snapshot().auditSettings,
    modify: async (row, body, context) => {
      const refused = ['cli', 'http', 'ontapi'].map((field) => refusal(field, body.get(field))).find(Boolean);
      if (refused !== undefined) return refused;
      const auditsReads = booleanOf(body, 'http');
      if (auditsReads === undefined) return unchanged(row);
      return modifyRecord(context, {
        turns,
        key: auditSettingsTurn,
        find: () => desired.snapshot().auditSettings,
        write: ({ value, modified }) => desired.updateAuditSettings({ ...value, auditsReads }, modified),
      });
    },
  };
}

/** What is not here cannot be audited, and a truth value cannot be unset. */
function refusal(field: string, value: unknown): ApiFailure | undefined {
  const isWrong = value === null || (field !== 'http' && value === true);
  if (!isWrong) return undefined;
  const expected = field === 'http' ? 'boolean' : 'false';
  return failure(genericErrors.invalidValue, { value: String(value), field, expected }, field);
}
