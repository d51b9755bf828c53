import {
  ApiError,
  ConflictError,
  type ErrorDetail,
  ForbiddenError,
  InvalidRequestError,
  NotFoundError,
  PreconditionFailedError,
  type RefusalOptions,
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
  readonly jobs?: unknown;
  readonly _links?: unknown;
  readonly [member: string]: unknown;
}

/** An answer that does not refuse. */
export interface Answer {
  readonly status: number;
  /** Whether it is about a change: what cannot be read of it is done all the same. */
  readonly isChange: boolean;
  readonly body: AnswerBody;
  header(name: string): string | undefined;
}

/** Deeper than anything that ONTAP says; what walks through an answer counts on it. */
const deepestNesting = 100;

/** Reads an answer; throws what it refuses with. `makesOne`: as of a request. */
export function readAnswer({ method, url }: ApiRequest, response: ApiResponse, makesOne = false): Answer {
  const { status, text } = response;
  const isDone = status >= 200 && status < 300;
  const body = text === '' && isDone ? {} : parse(text);
  // What is read may be told with what is wrong about it; a change that is answered so was done in part, or not.
  const isTold = isDone && (method === 'GET' || (makesOne && status === 201 && hasRecord(body)));
  const isChange = method !== 'GET';
  const refused = isTold ? undefined : refusalOf(response, body, isChange);
  if (refused !== undefined) throw refused;
  if (isDone && isObject(body)) return { status, isChange, body, header: (name) => response.header(name) };
  const what = `${method} ${url.origin}${url.pathname}`;
  const elsewhere = status >= 300 && status < 400 ? response.header('location') : undefined;
  const how = elsewhere === undefined ? "and not as ONTAP's API answers" : `which leads to ${elsewhere}`;
  const sentence = `${what} was answered with ${status}, ${how}`;
  throw new UnexpectedAnswerError(status, sentence, {
    body,
    mayBeDone: isChange && (isDone || status >= 500),
  });
}

/**
 * The records of an answer, which are what the server says they are; undefined where it has none. NetApp's examples for 9.7
 * show a single one without a list.
 */
export function recordsOf<R>({ status, body, isChange }: Answer, path: string): readonly R[] | undefined {
  const { records } = body;
  if (records === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(records) ? records : [records];
  if (!list.every((record): record is R => isObject(record)))
    throw new UnexpectedAnswerError(status, `The records of ${path} are not told as records`, {
      mayBeDone: isChange,
    });
  return list;
}

function hasRecord(body: unknown): boolean {
  return isObject(body) && isObject([body['records']].flat()[0]);
}

/** How many records it was; undefined where the answer does not say. */
export function countOf({ num_records: count }: AnswerBody): number | undefined {
  return typeof count === 'number' && count >= 0 ? count : undefined;
}

/** What an `error` member says; undefined where it says nothing. ONTAP's jobs have the code as a number, or none. */
export function errorDetailOf(error: unknown): ErrorDetail | undefined {
  if (!isObject(error)) return undefined;
  const { code, message, target, arguments: others } = error;
  const isCoded = typeof code === 'string' || typeof code === 'number';
  const says = typeof message === 'string' && message !== '' ? message : undefined;
  if (!isCoded && says === undefined) return undefined;
  return {
    code: isCoded ? String(code) : '',
    message: says ?? `error ${String(code)}`,
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

/** Undefined where it is no JSON, or none that ONTAP would say. */
function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isDeeperThan(deepestNesting, value) ? undefined : value;
  } catch {
    return undefined;
  }
}

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeperThan(levels - 1, member));
}

const classes: Readonly<Record<number, typeof ApiError>> = {
  400: InvalidRequestError,
  401: UnauthorizedError,
  403: ForbiddenError,
  404: NotFoundError,
  409: ConflictError,
  412: PreconditionFailedError,
};

/**
 * A refusal, of the class of its status; where that does not tell, of its code's. A job has no status of its own, and ONTAP's
 * private CLI answers 500 with every code that is no one's in particular.
 */
export function refusal(status: number, detail: ErrorDetail, options?: RefusalOptions): ApiError {
  const isTelling = status >= 400 && status !== 500;
  const type = classes[isTelling ? status : statusOfCode(Number(detail.code))];
  return new (type ?? ApiError)(status, detail, options);
}

/** What ONTAP's codes come to: NetApp's "Response body" page, and what the pages of the resources have for codes. */
const codes: Readonly<Record<number, readonly number[]>> = {
  400: [2621706, 2621707, 39387137],
  403: [6, 6691623],
  404: [4, 2621462, 66257116, 66257118, 66257119, 66257298, 66257303],
  409: [1, 8, 66257103, 66257104, 52560272],
  // Nothing that was asked is wrong: what is inside failed, is moved, or is too old.
  500: [66257110, 66257142, 66257199, 66257201],
};

function statusOfCode(code: number): number {
  const [status] = Object.entries(codes).find(([, all]) => all.includes(code)) ?? [];
  const isOfRequest = code >= 262177 && code <= 262279;
  const isOfPolicy = code >= 66257099 && code <= 66257396;
  return Number(status ?? (isOfRequest || isOfPolicy ? 400 : 500));
}

/** A login that is not accepted, and what is too much, is said by what stands before an API too, in its own form. */
const saidByStatus: Readonly<Record<number, string>> = {
  401: 'The login was not accepted',
  429: 'It was too much at once',
  503: 'The server cannot answer now',
};

/** ONTAP's codes of calls between its own parts that were not heard of in time, or broke; Esplanade has them too. */
const unheardOf = /^655(?:41|52)$/;

function refusalOf(response: ApiResponse, body: unknown, isChange: boolean): ApiError | undefined {
  const { status } = response;
  // What says something in JSON is no proxy, and may be what was asked for: `/readyz` says why with a 503.
  const said = isObject(body) ? undefined : saidByStatus[status];
  const { error, ...others }: AnswerBody = isObject(body) ? body : {};
  const detail = errorDetailOf(error) ?? (said === undefined ? undefined : { code: '', message: said });
  if (detail === undefined) return undefined;
  const wait = secondsToWait(response.header('retry-after'));
  // Who says when to ask again has not begun.
  const isUnheardOf = status >= 500 && wait === undefined && unheardOf.test(detail.code);
  const mayBeDone = isChange && (isUnheardOf || status === 502 || status === 504);
  const options = { recordsDone: countOf(others) ?? 0, mayBeDone };
  if (status === 429 || status === 503) return new UnavailableError(status, detail, wait, options);
  return refusal(status, detail, options);
}

/** RFC 9110, section 10.2.3: seconds, or a date. */
function secondsToWait(retryAfter = ''): number | undefined {
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter);
  const at = /^[A-Z][a-z]+,? /.test(retryAfter) ? Date.parse(retryAfter) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1_000));
}
