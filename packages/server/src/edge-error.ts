/** Codes of errors that arise before a request reaches the API, or instead of an answer of it. */
export const edgeCodes = {
  unauthorized: '6691623',
  unknownPath: '3',
  badUrl: '39387137',
  badBody: '262201',
  busy: '65552',
  internal: '65562',
} as const;

/** ONTAP's error envelope as text. */
export function errorBody(code: string, message: string): string {
  return `${JSON.stringify({ error: { message, code } }, undefined, 2)}\n`;
}

/** Headers of every answer: nothing may be cached, framed or guessed at. */
export const standardHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-cache,no-store,must-revalidate',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};

/** What the HTTP layer found wrong with a request, in ONTAP's words. Anything it does not know is a bug of ours. */
export function edgeError(
  error: { readonly code?: string | undefined; readonly statusCode?: number | undefined },
  requestId: string,
): { readonly status: number; readonly code: string; readonly message: string } {
  const status = error.statusCode ?? 500;
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return {
      status: 413,
      code: edgeCodes.badBody,
      message: `The request body is larger than ${bodyLimitBytes} bytes.`,
    };
  if (error.code === 'FST_ERR_BAD_URL' || error.code === 'FST_ERR_MAX_PARAM_LENGTH')
    return { status: 400, code: edgeCodes.badUrl, message: 'The URL is not valid.' };
  if (status >= 400 && status < 500)
    return { status, code: edgeCodes.badBody, message: 'The request cannot be read as HTTP with a body.' };
  return {
    status: 500,
    code: edgeCodes.internal,
    message: `Internal error. The server's log has the details under request ${requestId}.`,
  };
}

/** Largest body we read: a thousand policies in one request fit. */
export const bodyLimitBytes = 1_048_576;

/** A whole HTTP response for a request that Node's parser gave up on; `undefined` when nobody is there to read it. */
export function unparsableResponse(errorCode: string | undefined): string | undefined {
  if (errorCode === 'ECONNRESET') return undefined;
  const [status, message] =
    errorCode === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', 'The request line and headers are larger than 16384 bytes.']
      : errorCode === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', 'The request did not arrive in time.']
        : ['400 Bad Request', 'The request is not valid HTTP.'];
  const body = errorBody(edgeCodes.badUrl, message);
  const headers = Object.entries(standardHeaders).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${headers.join('')}content-type: application/hal+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`;
}
