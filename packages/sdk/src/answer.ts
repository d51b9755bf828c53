import {
  ApiError,
  ConflictError,
  type ErrorDetail,
  ForbiddenError,
  InvalidRequestError,
  NotFoundError,
  PreconditionFailedError,
  UnauthorizedError,
  UnavailableError,
  UnexpectedAnswerError,
} from './errors.ts';
import type { UnknownRecord } from './resource-types.ts';
import type { ApiRequest, ApiResponse } from './transport.ts';

/** What an answer holds, in ONTAP's names; what it does not say is not there. */
export interface AnswerBody {
  readonly records?: unknown;
  readonly num_records?: unknown;
  readonly observed_at?: unknown;
  readonly error?: unknown;
  readonly job?: unknown;
  readonly _links?: unknown;
  readonly [member: string]: unknown;
}

/** An answer that does not refuse. */
export interface Answer {
  readonly status: number;
  readonly body: AnswerBody;
  header(name: string): string | undefined;
}

/** Reads an answer; throws what it refuses with. */
export function readAnswer({ method, url }: ApiRequest, response: ApiResponse): Answer {
  const { status, text } = response;
  const isDone = status >= 200 && status < 300;
  const body = text === '' && isDone ? {} : parse(text);
  if (isDone && isObject(body)) return { status, body, header: (name) => response.header(name) };
  const refusal = isDone ? undefined : refusalOf(response, body);
  if (refusal !== undefined) throw refusal;
  const what = `${method} ${url.origin}${url.pathname}`;
  const sentence = `${what} was answered with ${status}, and not as ONTAP's API answers`;
  throw new UnexpectedAnswerError(status, sentence, body);
}

/**
 * The records of an answer, which are what the server says they are; undefined where it has none. NetApp's examples for 9.7
 * show a single one without a list.
 */
export function recordsOf<R>({ records }: AnswerBody): readonly R[] | undefined {
  if (Array.isArray(records)) return records;
  return isObject(records) ? recordsOf({ records: [records] }) : undefined;
}

/** How many records it was; undefined where the answer does not say. */
export function countOf({ num_records: count }: AnswerBody): number | undefined {
  return typeof count === 'number' ? count : undefined;
}

/** What an `error` member says; undefined where it is none. ONTAP's jobs have the code as a number. */
export function errorDetailOf(error: unknown): ErrorDetail | undefined {
  if (!isObject(error)) return undefined;
  const { code, message, target, arguments: others } = error;
  if (typeof code !== 'string' && typeof code !== 'number') return undefined;
  return {
    code: String(code),
    message: typeof message === 'string' ? message : '',
    ...(typeof target === 'string' ? { target } : {}),
    ...(others === undefined
      ? {}
      : { others: [others].flat().flatMap((other) => errorDetailOf(other) ?? []) }),
  };
}

/** Whether something is an object of JSON, and no array. */
export function isObject(value: unknown): value is UnknownRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const classes: Readonly<Record<number, typeof ApiError>> = {
  400: InvalidRequestError,
  401: UnauthorizedError,
  403: ForbiddenError,
  404: NotFoundError,
  409: ConflictError,
  412: PreconditionFailedError,
};

/** A login that is not accepted, and what is too much, is said by what stands before an API too, in its own form. */
const saidByStatus: Readonly<Record<number, string>> = {
  401: 'The login was not accepted',
  429: 'It was too much at once',
  503: 'The server cannot answer now',
};

function refusalOf(response: ApiResponse, body: unknown): ApiError | undefined {
  const { status } = response;
  // What says something in JSON is no proxy, and may be what was asked for: `/readyz` says why with a 503.
  const said = isObject(body) ? undefined : saidByStatus[status];
  const { error, ...others }: AnswerBody = isObject(body) ? body : {};
  const detail = errorDetailOf(error) ?? (said === undefined ? undefined : { code: '', message: said });
  if (detail === undefined) return undefined;
  const recordsDone = countOf(others) ?? 0;
  if (status === 429 || status === 503) {
    const seconds = Number(response.header('retry-after') ?? Number.NaN);
    return new UnavailableError(status, detail, Number.isNaN(seconds) ? undefined : seconds, recordsDone);
  }
  return new (classes[status] ?? ApiError)(status, detail, recordsDone);
}
