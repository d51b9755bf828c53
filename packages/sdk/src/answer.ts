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
import type { ApiRequest, ApiResponse } from './transport.ts';

/** What an answer holds, in ONTAP's names; what it does not say is not there. */
export interface AnswerBody {
  readonly records?: readonly Readonly<Record<string, unknown>>[];
  readonly num_records?: number;
  readonly observed_at?: string;
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
export function readAnswer(request: ApiRequest, response: ApiResponse): Answer {
  const { status, text } = response;
  const body = text === '' ? {} : parse(text);
  const isDone = status >= 200 && status < 300;
  if (!isObject(body) || (!isDone && errorDetailOf(body['error']) === undefined)) {
    const what = `${request.method} ${request.url.origin}${request.url.pathname}`;
    throw new UnexpectedAnswerError(
      status,
      `${what} was answered with ${status}, and not as ONTAP's API answers`,
      body,
    );
  }
  if (!isDone) throw refusalOf(response, body);
  return { status, body, header: (name) => response.header(name) };
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
    ...(Array.isArray(others) ? { others: others.flatMap((other) => errorDetailOf(other) ?? []) } : {}),
  };
}

/** Whether something is an object of JSON, and no array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
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

function refusalOf(response: ApiResponse, body: AnswerBody): ApiError {
  const { status } = response;
  const detail = errorDetailOf(body.error) ?? { code: '', message: '' };
  const recordsDone = typeof body.num_records === 'number' ? body.num_records : 0;
  if (status === 429 || status === 503) {
    const seconds = Number(response.header('retry-after') ?? Number.NaN);
    return new UnavailableError(status, detail, Number.isNaN(seconds) ? undefined : seconds, recordsDone);
  }
  return new (classes[status] ?? ApiError)(status, detail, recordsDone);
}
