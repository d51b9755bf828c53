import type { ApiFailure, ApiProblem, Wording } from './errors.ts';
import type { Release } from './release.ts';

/** One entry of the error catalogue. `{name}` in the message stands for a value given where the error is raised. */
export interface ErrorCode {
  readonly code: string;
  /** HTTP status of a response whose first problem this is. */
  readonly status: number;
  readonly message: string;
  readonly since?: Release;
  readonly until?: Release;
  /** What releases before `since` say instead; the generic 262197 unless given. */
  readonly before?: string;
  /** First release with the field that it is about, where the code is older than the field. */
  readonly subjectSince?: Release;
}

/**
 * The codes of the dialect itself, by what they mean here; NetApp's "Response body" page names the codes, real systems
 * the wording where it is known. Where a code has several entries, the first gives its status to failures that only
 * know the code.
 */
export const genericErrors = {
  duplicateEntry: { code: '1', status: 409, message: 'duplicate entry' },
  methodNotAllowed: { code: '3', status: 405, message: 'Method {method} is not supported on "{path}".' },
  apiNotFound: { code: '3', status: 404, message: 'API not found' },
  entryNotFound: { code: '4', status: 404, message: "entry doesn't exist" },
  notAuthorized: { code: '6', status: 403, message: 'not authorized for that command' },
  internal: { code: '65562', status: 500, message: 'Internal error. The request was not completed.' },
  missingFilter: {
    code: '262177',
    status: 400,
    message: 'Changing several records needs at least one field in the query, or "records" in the body.',
  },
  missingKey: { code: '262177', status: 400, message: 'Each of "records" must name its "{field}".' },
  unexpectedArgument: { code: '262179', status: 400, message: 'Unexpected argument "{argument}".' },
  surplusPathElement: { code: '262179', status: 404, message: 'Unexpected argument "{argument}".' },
  notAmongValues: {
    code: '262185',
    status: 400,
    message: 'Invalid value "{value}" for field "{field}": it must be one of {values}.',
  },
  notAnObject: {
    code: '262185',
    status: 400,
    message: 'Invalid value: the request body must be a JSON object.',
  },
  recordsWithOthers: {
    code: '262186',
    status: 400,
    message: 'Field "records" cannot be used with field "{field}".',
  },
  specifiedTwice: {
    code: '262188',
    status: 400,
    message: 'Field "{field}" was specified twice with different values.',
  },
  missingQueryValue: {
    code: '262194',
    status: 400,
    message: 'The query for field "{field}" is missing a value. An empty text is written "".',
  },
  notWritable: { code: '262196', status: 400, message: 'Field "{field}" cannot be set in this operation.' },
  invalidValue: {
    code: '262197',
    status: 400,
    message: 'The value "{value}" is invalid for field "{field}" (<{expected}>)',
  },
  invalidSecretValue: {
    code: '262197',
    status: 400,
    message: 'The value is invalid for field "{field}" (<{expected}>)',
  },
  invalidPageToken: {
    code: '262197',
    status: 400,
    message: 'The value is invalid for field "start" (<the token of a "next" link of the same query>)',
  },
  bodyNotAllowed: { code: '262198', status: 400, message: 'A request body is not allowed on {method}.' },
  invalidJsonAt: { code: '262199', status: 400, message: 'Invalid JSON in the request body at {location}.' },
  invalidJsonRange: {
    code: '262200',
    status: 400,
    message: 'Invalid JSON in the request body: it ends before it is complete, after character {location}.',
  },
  invalidJson: { code: '262201', status: 400, message: 'Invalid JSON in the request body.' },
  invalidQuerySyntax: {
    code: '262245',
    status: 400,
    message: 'The query "{value}" for field "{field}" cannot be read: {reason}.',
  },
  missingAssignment: {
    code: '262248',
    status: 400,
    message: 'The query parameter "{argument}" is missing an assignment operator ("=").',
  },
  unexpectedArray: {
    code: '262255',
    status: 400,
    message: 'Field "{field}" was given an array where none is expected.',
  },
  unexpectedBodyArray: {
    code: '262255',
    status: 400,
    message: 'The request body is an array where a JSON object is expected.',
  },
  svmNotFound: { code: '2621462', status: 404, message: 'SVM "{svm}" does not exist.' },
  svmsDisagree: {
    code: '2621706',
    status: 400,
    message: 'The specified "svm.uuid" "{uuid}" and "svm.name" "{name}" refer to different SVMs.',
  },
  svmMissing: { code: '2621707', status: 400, message: 'No SVM was specified.' },
  unauthenticated: { code: '6691623', status: 401, message: 'User is not authorized.' },
  invalidUrl: { code: '39387137', status: 400, message: 'The URL is invalid: {reason}.' },
  // ONTAP knows no entity tags, so these codes are ours.
  preconditionUnreadable: {
    code: '990400',
    status: 400,
    message:
      'The header {header} must be "*" or tags as ETag has them, with their quotes and with commas between, up to 8192 characters.',
  },
  preconditionOfMany: {
    code: '990400',
    status: 400,
    message:
      'If-Match and If-None-Match are about one record, and this request may change several or makes a new one. Leave the header out, or use the path of the one record.',
  },
  preconditionFailed: {
    code: '990412',
    status: 412,
    message:
      'The record has another tag: {tag}, and If-Match has {given}. Read it again, repeat the change on what it is now, and send its tag.',
  },
  preconditionWeak: {
    code: '990412',
    status: 412,
    message: 'If-Match never holds for a weak tag. Send the tag as ETag had it, without "W/".',
  },
  preconditionWithoutTag: {
    code: '990412',
    status: 412,
    message: 'If-Match cannot hold: records of this kind have no tags. Leave the header out.',
  },
  preconditionOfOther: {
    code: '990412',
    status: 412,
    message:
      'If-None-Match names the record as it is, so this request does nothing. To change only what you have read, send If-Match.',
  },
} as const satisfies Record<string, ErrorCode>;

type ParameterOf<Message extends string> = Message extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterOf<Rest>
  : never;

/** What the message of a catalogue entry needs to be complete. */
export type ErrorParameters<Entry extends ErrorCode> = Readonly<
  Record<ParameterOf<Entry['message']>, string>
>;

const longestQuotedCharacters = 200;

/**
 * The problem of a catalogue entry, its message completed with `parameters`: each cut at 200 characters, and none
 * repeated that holds a private key.
 */
export function problem<Entry extends ErrorCode>(
  entry: Entry,
  parameters: ErrorParameters<Entry>,
  target?: string,
): ApiProblem {
  const values = Object.fromEntries(
    Object.entries<string>(parameters).map(([name, value]) => [name, shortened(value)] as const),
  );
  const wording = { template: entry.message, values };
  const said = { code: entry.code, message: sentenceOf(wording), wording };
  return target === undefined ? said : { ...said, target };
}

/** A failure with the one problem of a catalogue entry, and that entry's status. */
export function failure<Entry extends ErrorCode>(
  entry: Entry,
  parameters: ErrorParameters<Entry>,
  target?: string,
): ApiFailure {
  return { kind: 'failure', problems: [problem(entry, parameters, target)], status: entry.status };
}

/** The words of a sentence with its values in their places. */
export function sentenceOf({ template, values }: Wording): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}

function shortened(text: string): string {
  if (text.includes('PRIVATE KEY')) return '[a private key]';
  return text.length > longestQuotedCharacters ? `${text.slice(0, longestQuotedCharacters)}…` : text;
}
