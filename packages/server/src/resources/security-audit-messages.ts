import type { DesiredState } from '@esplanade/desired';
import {
  FailureError,
  type Field,
  failure,
  type Principal,
  type RowsInTurns,
  type TableResource,
} from '@esplanade/ontap';
import { type LogEntry, UnavailableError } from '@esplanade/store';
import { type AuditEntry, readAuditText } from '../audit/audit-entry.ts';
import { auditErrors } from './audit-error-codes.ts';
import { hrefs, referenceFields } from './reference-fields.ts';
import type { ResourceParts } from './resource-parts.ts';

/** An entry of the audit log, and which one it is. */
export interface AuditRow extends AuditEntry {
  readonly index: number;
}

/** So many entries are read at first, and so many in each following portion. */
const firstPortion = 100;
const portion = 500;

/**
 * `/security/audit/messages`: the audit log, oldest first. An account of an SVM sees what was asked for by accounts of its SVM, and by
 * administrators for it.
 */
export function securityAuditMessages({ desired }: ResourceParts): TableResource<AuditRow> {
  const node = ({ node: written }: AuditRow) => written ?? desired.snapshot().node;
  return {
    kind: 'table',
    path: '/security/audit/messages',
    title: 'Audit log',
    keys: ['index'],
    svmAccess: ['GET'],
    errors: { GET: [auditErrors.unreadable] },
    fields: {
      timestamp: shown('datetime', "When it was written, by the node's clock.", ({ timestamp }) => timestamp),
      ...referenceFields<AuditRow>('node', 'the node that wrote it', node, { isDefault: true }),
      index: {
        ...shown(
          'integer',
          'Number of the entry in the log, counted from 1 without a gap.',
          ({ index }) => index,
        ),
        example: 4711,
      },
      application: {
        ...shown(
          'string',
          'http for requests, internal for what Esplanade does by itself.',
          (row) => row.application,
        ),
        enum: ['internal', 'console', 'rsh', 'telnet', 'ssh', 'ontapi', 'http', 'system'],
        example: 'http',
      },
      location: {
        ...shown('string', 'Where the request came from.', (row) => row.location),
        example: '192.0.2.7',
      },
      user: {
        ...shown('string', 'The account, where there is one of that name.', (row) => row.user),
        example: 'admin',
      },
      role: {
        ...shown('string', 'The role of the account.', (row) => row.role),
        since: '9.17.1',
        example: 'admin',
      },
      'svm.name': {
        ...shown(
          'string',
          'The SVM that the account is of, or that the request was narrowed to.',
          (row) => row.svm?.name,
        ),
        example: 'svm1',
      },
      scope: {
        ...shown('string', 'svm where there is an SVM, else cluster.', (row) =>
          row.svm === undefined ? 'cluster' : 'svm',
        ),
        enum: ['svm', 'cluster'],
        example: 'svm',
      },
      session_id: {
        ...shown(
          'string',
          "The request's id, as in the header X-Request-Id of its answer.",
          (row) => row.session,
        ),
        example: '5f0c2a9d-3c1e-4b52-9d0a-6e1f7c2b8a45',
      },
      command_id: {
        ...shown('string', 'Counts the entries of one request.', ({ command }) => command?.toString()),
        example: '1',
      },
      state: {
        ...shown('string', 'How it came out; pending is a step on the way.', (row) => row.state),
        enum: ['pending', 'success', 'error'],
        example: 'success',
      },
      input: {
        ...shown(
          'string',
          'What was asked for. Secrets, and what nobody knows, are left out.',
          (row) => row.input,
        ),
        example: 'POST /api/security/ipsec/policies : {"name":"nfs","secret_key":"***"}',
      },
      message: {
        ...shown('string', 'Why it failed, without what was quoted of the request.', (row) => row.message),
        example: 'HTTP 400; 262278 Field "…" is required. Send it.',
      },
    },
    links: { node: (row) => hrefs.node(node(row).uuid) },
    list: (principal) => auditRows(desired, principal),
  };
}

function shown(
  type: Field<AuditRow>['type'],
  description: string,
  get: (row: AuditRow) => string | number | undefined,
): Field<AuditRow> {
  return { type, description, isDefault: true, get };
}

function auditRows(
  desired: Pick<DesiredState, 'readAudit' | 'auditHead'>,
  { svmUuid }: Principal,
): RowsInTurns<AuditRow> {
  const rows: RowsInTurns<AuditRow> = {
    kind: 'rows-in-turns',
    async *read({ after, isDescending }) {
      const { last } = await orRefused(desired.auditHead());
      const start = after === undefined ? undefined : Number(after);
      let above = isDescending ? 0 : (start ?? 0);
      let below = Math.min(
        isDescending ? (start ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY,
        last + 1,
      );
      const order = isDescending ? 'newest-first' : 'oldest-first';
      for (let limit = firstPortion; ; limit = portion) {
        const entries = await orRefused(desired.readAudit({ after: above, before: below, limit, order }));
        const end = entries.at(-1);
        if (end === undefined) return;
        yield rowsOf(entries, svmUuid);
        if (isDescending) below = end.index;
        else above = end.index;
      }
    },
  };
  if (svmUuid !== undefined) return rows;
  return {
    ...rows,
    count: async () => {
      const { first, last } = await orRefused(desired.auditHead());
      return last - first + 1;
    },
  };
}

/** A store that cannot be read now is no bug. */
async function orRefused<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    throw new FailureError(failure(auditErrors.unreadable, { why: error.message }));
  }
}

/** Reads an entry only when its turn comes, so that others are served between two. */
function* rowsOf(entries: readonly LogEntry[], svmUuid: string | undefined): Generator<AuditRow> {
  for (const { index, entry } of entries) {
    const read = readAuditText(entry);
    if (svmUuid === undefined || read.svm?.uuid === svmUuid) yield { index, ...read };
  }
}
