import type { Reference } from '@esplanade/domain';

/** How what an entry tells of came out; `pending` is a step on the way. */
export type AuditState = 'pending' | 'success' | 'error';

/** One entry of the audit log, with the fields of ONTAP's `/security/audit/messages`. */
export interface AuditEntry {
  /** RFC 3339, by our clock. */
  readonly timestamp: string;
  /** Absent where it was not known yet: in the entry of the commit that made the data directory. */
  readonly node?: Reference | undefined;
  /** `http` for requests, `internal` for what the server does by itself. */
  readonly application: 'http' | 'internal';
  /** The account; absent where none is known. */
  readonly user?: string | undefined;
  readonly role?: string | undefined;
  /** The SVM whose account it is, or to which an administrator narrowed the request. */
  readonly svm?: Reference | undefined;
  /** The address that the request came from. */
  readonly location?: string | undefined;
  /** The request's id, as in its answer's `X-Request-Id`. */
  readonly session?: string | undefined;
  /** Counts the entries of one request from 1. */
  readonly command?: number | undefined;
  readonly state: AuditState;
  /** What was asked for, without secrets. */
  readonly input: string;
  /** Why it failed, or what else there is to say. */
  readonly message?: string | undefined;
}

/** Most characters of an input, so that no request makes a large entry. */
const mostInputCharacters = 2_000;

/** The text of an entry in the log: JSON with the members in this order. */
export function auditText(entry: AuditEntry): string {
  const { timestamp, node, application, user, role, svm, location, session, command, state, message } = entry;
  const input =
    entry.input.length > mostInputCharacters ? `${entry.input.slice(0, mostInputCharacters)}…` : entry.input;
  const members = {
    timestamp,
    node: node && { uuid: node.uuid, name: node.name },
    application,
    user,
    role,
    svm: svm && { uuid: svm.uuid, name: svm.name },
    location,
    session,
    command,
    state,
    input,
    message,
  };
  return JSON.stringify(members).toWellFormed().replace(unshown, escaped);
}

/** Controls of terminals, ends of lines and what turns the order of letters around; JSON leaves most of them as they are. */
const unshown = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** As JSON may write any character of a text (RFC 8259 7). */
function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');
}

/**
 * Reads the text of an entry. One that cannot be read is shown as an entry that says so: the log is evidence, and none of it
 * may stand in the way of the rest.
 */
export function readAuditText(text: string): AuditEntry {
  const { timestamp, node, application, user, role, svm, location, session, command, state, input, message } =
    parsedObject(text);
  return {
    timestamp: timeOf(timestamp) ?? new Date(0).toISOString(),
    node: referenceOf(node),
    application: application === 'http' ? 'http' : 'internal',
    user: textOf(user),
    role: textOf(role),
    svm: referenceOf(svm),
    location: textOf(location),
    session: textOf(session),
    command: typeof command === 'number' ? command : undefined,
    state: state === 'success' || state === 'pending' ? state : 'error',
    input: textOf(input) ?? '',
    message: textOf(message) ?? (typeof input === 'string' ? undefined : 'This entry cannot be read.'),
  };
}

function parsedObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** As `auditText` is given it; what is no time stands in the way of neither retention nor receivers. */
function timeOf(value: unknown): string | undefined {
  const text = textOf(value) ?? '';
  const isTime =
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/.test(text) && !Number.isNaN(Date.parse(text));
  return isTime ? text : undefined;
}

function referenceOf(value: unknown): Reference | undefined {
  if (!isObject(value)) return undefined;
  const uuid = textOf(value['uuid']);
  const name = textOf(value['name']);
  return uuid === undefined || name === undefined ? undefined : { uuid, name };
}
