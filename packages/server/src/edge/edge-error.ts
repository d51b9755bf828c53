import { type ErrorCode, type ErrorParameters, genericErrors, problem } from '@esplanade/ontap';

/** Largest body we read: a thousand policies in one request fit. */
export const bodyLimitBytes = 1_048_576;
/** Largest request line with headers. */
export const headerLimitBytes = 16_384;

/** Errors that arise before a request reaches the API, or instead of an answer of it. */
export const edgeErrors = {
  badUrl: { code: '39387137', status: 400, message: 'The URL is not valid.' },
  notHttp: { code: '39387137', status: 400, message: 'The request is not valid HTTP.' },
  lateRequest: { code: '39387137', status: 408, message: 'The request did not arrive in time.' },
  largeHeaders: {
    code: '39387137',
    status: 431,
    message: `The request line and headers are larger than ${headerLimitBytes} bytes.`,
  },
  largeBody: {
    code: '262201',
    status: 413,
    message: `The request body is larger than ${bodyLimitBytes} bytes.`,
  },
  unreadableBody: {
    code: '262201',
    status: 400,
    message: 'The request cannot be read as HTTP with a body.',
  },
  busy: { code: '65552', status: 503, message: 'Too many logins at once. Try again in a second.' },
  tooManyFailures: {
    code: '65552',
    status: 429,
    message: 'Too many logins failed from your address. Try again after as many seconds as Retry-After says.',
  },
  sourceConnections: {
    code: '65552',
    status: 429,
    message: 'There are too many connections from your address. Keep fewer open; the operator sets how many.',
  },
  allConnections: {
    code: '65552',
    status: 503,
    message: 'All connections of the server are taken. Try again after as many seconds as Retry-After says.',
  },
  tooMuchAtOnce: {
    code: '65552',
    status: 429,
    message: 'Too many requests at once wait for an answer. Send fewer at a time.',
  },
  lateAnswer: {
    code: '65552',
    status: 503,
    message: 'The answer took too long. A change may still be carried out.',
  },
  foreignPage: {
    code: '6',
    status: 403,
    message: 'A page of another site may not change anything here.',
  },
  internal: {
    code: '65562',
    status: 500,
    message: "Internal error. The server's log has the details under request {request}.",
  },
} as const satisfies Record<string, ErrorCode>;

/** ONTAP's error envelope as text. */
export function errorBody<Entry extends ErrorCode>(entry: Entry, parameters: ErrorParameters<Entry>): string {
  const { code, message } = problem(entry, parameters);
  return `${JSON.stringify({ error: { message, code } }, undefined, 2)}\n`;
}

/** Headers of every answer, over TLS or not: nothing may be cached, framed, read by other sites or guessed at. */
export const plainHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-cache,no-store,must-revalidate',
  'x-content-type-options': 'nosniff',
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

/** Headers of every answer over TLS: besides, browsers come back over TLS only, for a year (RFC 6797). */
export const standardHeaders: Readonly<Record<string, string>> = {
  ...plainHeaders,
  'strict-transport-security': 'max-age=31536000',
};

/**
 * What the HTTP layer found wrong with a request: the status and the body of its answer. What it does not know is a bug
 * of ours.
 */
export function edgeError(
  error: { readonly code?: string | undefined; readonly statusCode?: number | undefined },
  requestId: string,
): { readonly status: number; readonly body: string } {
  const status = error.statusCode ?? 500;
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return plainError(edgeErrors.largeBody);
  if (error.code === 'FST_ERR_BAD_URL' || error.code === 'FST_ERR_MAX_PARAM_LENGTH')
    return plainError(edgeErrors.badUrl);
  if (status >= 400 && status < 500) return { ...plainError(edgeErrors.unreadableBody), status };
  return { status: 500, body: errorBody(edgeErrors.internal, { request: requestId }) };
}

/** The answer of an error that needs no telling of the case. */
export function plainError(entry: ErrorCode): { readonly status: number; readonly body: string } {
  return { status: entry.status, body: errorBody(entry, {}) };
}

const reasonPhrases: ReadonlyMap<number, string> = new Map([
  [400, 'Bad Request'],
  [404, 'Not Found'],
  [408, 'Request Timeout'],
  [431, 'Request Header Fields Too Large'],
]);

/**
 * A whole HTTP response for a request that Node's parser gave up on; `undefined` when nobody is there to read it, or TLS failed
 * before there was anything to write on.
 */
export function unparsableResponse(errorCode = ''): string | undefined {
  if (!errorCode.startsWith('HPE_') && !errorCode.startsWith('ERR_HTTP_')) return undefined;
  const { status, body } = plainError(
    errorCode === 'HPE_HEADER_OVERFLOW'
      ? edgeErrors.largeHeaders
      : errorCode === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? edgeErrors.lateRequest
        : edgeErrors.notHttp,
  );
  return rawResponse(status, body);
}

/** The answer to a request for a tunnel, which we do not make, and which Node gives no response to write to. */
export function tunnelResponse(): string {
  const { status, body } = plainError(genericErrors.apiNotFound);
  return rawResponse(status, body);
}

function rawResponse(status: number, body: string): string {
  const headers = Object.entries(standardHeaders).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${reasonPhrases.get(status)}\r\n${headers.join('')}content-type: application/hal+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`;
}
