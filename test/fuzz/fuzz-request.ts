/** A request in parts that can be left out one by one. Texts stand for bytes (latin1), and go out as they are. */
export interface FuzzRequest {
  readonly method: string;
  /** From `/` to before the `?`. */
  readonly path: string;
  /** What stands between the `&`. */
  readonly parameters: readonly string[];
  /** Beside `Authorization` and what frames the body. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array | undefined;
  /** Transfer coding instead of a length: the body in pieces of that many bytes. */
  readonly chunkBytes: number | undefined;
}

/** The bytes of a request. No part may end its line early, or its answer could not be told from the next. */
export function bytesOf(request: FuzzRequest, authorization: string): Buffer {
  const { method, headers, body } = request;
  const hasOwn = headers.some(([name]) => name.toLowerCase() === 'authorization');
  const lines = [
    `${method} ${targetOf(request)} HTTP/1.1`,
    'Host: localhost',
    ...(hasOwn ? [] : [`Authorization: ${authorization}`]),
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...framing(request),
  ];
  const head = Buffer.from(
    `${lines.map((line) => line.replace(/[\r\n]/g, '')).join('\r\n')}\r\n\r\n`,
    'latin1',
  );
  return body === undefined ? head : Buffer.concat([head, ...framed(request, body)]);
}

/** Path and query. */
export function targetOf({ path, parameters }: FuzzRequest): string {
  return parameters.length === 0 ? path : `${path}?${parameters.join('&')}`;
}

/** The request for a person to read and repeat, whole. */
export function printed(request: FuzzRequest): string {
  const { body, chunkBytes } = request;
  const text = body === undefined ? '' : `\n  body ${JSON.stringify(Buffer.from(body).toString('latin1'))}`;
  return [
    `  ${request.method} ${JSON.stringify(targetOf(request))}`,
    ...request.headers.map(([name, value]) => `  ${JSON.stringify(`${name}: ${value}`)}`),
    ...(chunkBytes === undefined ? [] : [`  in chunks of ${chunkBytes}`]),
  ]
    .join('\n')
    .concat(text);
}

function framing({ body, chunkBytes }: FuzzRequest): readonly string[] {
  if (body === undefined) return [];
  return [chunkBytes === undefined ? `Content-Length: ${body.length}` : 'Transfer-Encoding: chunked'];
}

function framed({ chunkBytes }: FuzzRequest, body: Uint8Array): readonly Uint8Array[] {
  if (chunkBytes === undefined) return [body];
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < body.length; start += chunkBytes) {
    const piece = body.subarray(start, start + chunkBytes);
    pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
  }
  return [...pieces, Buffer.from('0\r\n\r\n')];
}
