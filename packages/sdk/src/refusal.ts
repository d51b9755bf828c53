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
} from './errors.ts';

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

/** NetApp's "Response body" page, and what the pages of the resources have for codes. */
const statusesOfCodes = new Map<number, number>([
  ...[1, 8, 66257103, 66257104, 52560272].map((code) => [code, 409] as const),
  ...[4, 2621462, 66257116, 66257118, 66257119, 66257298, 66257303].map((code) => [code, 404] as const),
  ...[6, 6691623].map((code) => [code, 403] as const),
  ...[2621706, 2621707, 39387137].map((code) => [code, 400] as const),
  // Nothing that was asked is wrong: what is inside failed, is moved, or is too old.
  ...[66257110, 66257142, 66257199, 66257201].map((code) => [code, 500] as const),
]);

function statusOfCode(code: number): number {
  const isOfRequest = code >= 262177 && code <= 262279;
  const isOfPolicy = code >= 66257099 && code <= 66257396;
  return statusesOfCodes.get(code) ?? (isOfRequest || isOfPolicy ? 400 : 500);
}
