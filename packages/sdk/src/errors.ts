/** What ONTAP's `error` member says. */
export interface ErrorDetail {
  /** ONTAP's code, a string of digits; see docs/reference/errors.md. */
  readonly code: string;
  readonly message: string;
  /** The field or parameter that is wrong. */
  readonly target?: string;
  /** What else is wrong with the request. */
  readonly others?: readonly ErrorDetail[];
}

/** What is known of a refusal beside what it says. */
export interface RefusalOptions {
  readonly recordsDone?: number;
  readonly mayBeDone?: boolean;
}

/** The server answered, and refused. `code` and `target` are what programs decide by, `message` is for people. */
export class ApiError extends Error implements ErrorDetail {
  override readonly name: string = 'ApiError';
  /** HTTP's; 202 where a job was begun, and failed. The class is then that of the code, as it is of 500. */
  readonly status: number;
  readonly code: string;
  readonly target?: string;
  readonly others: readonly ErrorDetail[];
  /** Whether it was a change that may have been carried out all the same: who says this did not hear of its end. */
  readonly mayBeDone: boolean;
  /** Of a change of several records: how many were changed all the same. */
  recordsDone: number;

  constructor(
    status: number,
    { code, message, target, others = [] }: ErrorDetail,
    { recordsDone = 0, mayBeDone = false }: RefusalOptions = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    if (target !== undefined) this.target = target;
    this.others = others;
    this.recordsDone = recordsDone;
    this.mayBeDone = mayBeDone;
  }
}

/** 400: something in the request is wrong, `target` says what. */
export class InvalidRequestError extends ApiError {
  override readonly name = 'InvalidRequestError';
}

/** 401: user name, password or client certificate were not accepted. */
export class UnauthorizedError extends ApiError {
  override readonly name = 'UnauthorizedError';
}

/** 403: this account may not do that. */
export class ForbiddenError extends ApiError {
  override readonly name = 'ForbiddenError';
}

/** 404: there is no such record, or no such resource on this release. */
export class NotFoundError extends ApiError {
  override readonly name = 'NotFoundError';
}

/** 409: in conflict with what is there, such as a name that is taken. */
export class ConflictError extends ApiError {
  override readonly name = 'ConflictError';
}

/** 412: the record is no longer as the caller knew it. */
export class PreconditionFailedError extends ApiError {
  override readonly name = 'PreconditionFailedError';
}

/** 429 or 503: not now. */
export class UnavailableError extends ApiError {
  override readonly name = 'UnavailableError';
  /** What the server asked to wait, in seconds. */
  readonly retryAfterSeconds?: number;

  constructor(status: number, detail: ErrorDetail, retryAfterSeconds?: number, options?: RefusalOptions) {
    super(status, detail, options);
    if (retryAfterSeconds !== undefined) this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** What is known of a failure of a connection beside its sentence. */
export interface ConnectionErrorOptions extends ErrorOptions {
  readonly mayPass?: boolean;
  /** As `mayPass` if not given. */
  readonly isMomentary?: boolean;
  readonly mayBeDone?: boolean;
}

/** No answer: the address does not resolve, nobody listens, the connection broke, or it was not trusted. */
export class ConnectionError extends Error {
  override readonly name: string = 'ConnectionError';
  /** Whether the same may go well later; a certificate that is not trusted does not become so. */
  readonly mayPass: boolean;
  /** Whether it may do so at once: not where time ran out, or nothing leads there now. */
  readonly isMomentary: boolean;
  /** Whether it was a change that may have been carried out all the same: look before it is sent again. */
  readonly mayBeDone: boolean;
  /** Of a change of several records: how many the server said to have changed before. */
  recordsDone = 0;

  constructor(
    message: string,
    { mayPass = true, isMomentary = mayPass, mayBeDone = false, ...options }: ConnectionErrorOptions = {},
  ) {
    super(message, options);
    this.mayPass = mayPass;
    this.isMomentary = isMomentary;
    this.mayBeDone = mayBeDone;
  }
}

/**
 * Something was done, or begun, and what came of it could not be learnt: the look after it failed. `cause` is with what. To do
 * it again is to do it twice.
 */
export class UnconfirmedError extends ConnectionError {
  override readonly name = 'UnconfirmedError';
  /** Whether it is known to be done. */
  readonly isDone: boolean;

  constructor(
    message: string,
    { isDone = false, cause }: { readonly isDone?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause, mayPass: false, mayBeDone: true });
    this.isDone = isDone;
  }
}

/** What is known of an answer beside its status. */
export interface UnexpectedAnswerOptions {
  readonly body?: unknown;
  readonly mayBeDone?: boolean;
}

/** There is an answer, and it is none of ONTAP's API: a proxy's page, another server's. */
export class UnexpectedAnswerError extends Error {
  override readonly name = 'UnexpectedAnswerError';
  /** HTTP's; 0 where a browser keeps it to itself. */
  readonly status: number;
  /** What it says, where that is JSON: `/readyz` answers 503 and why. */
  readonly body?: unknown;
  /** Whether it was a change that may have been carried out all the same: look before it is sent again. */
  readonly mayBeDone: boolean;
  /** Of a change of several records: how many the server said to have changed before. */
  recordsDone = 0;

  constructor(status: number, message: string, { body, mayBeDone = false }: UnexpectedAnswerOptions = {}) {
    super(message);
    this.status = status;
    this.mayBeDone = mayBeDone;
    if (body !== undefined) this.body = body;
  }
}

/** Whether the same may go well later: a server that is away or cannot answer now, or a proxy before it that says so. */
export function mayPass(error: unknown): boolean {
  if (error instanceof ConnectionError) return error.mayPass;
  return (
    (error instanceof ApiError || error instanceof UnexpectedAnswerError) &&
    [429, 502, 503, 504].includes(error.status)
  );
}
