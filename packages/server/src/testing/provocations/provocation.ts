import type { Answer, TestServer } from '../test-server.ts';

/** A request that is answered with one error of the catalogue. */
export interface Provocation {
  readonly method: string;
  /** Below `/api`. */
  readonly path: string;
  /** As JSON, a text or a buffer as it is; or what makes it when it is sent. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** `error.target` of the answer; undefined when it has none. */
  readonly target?: string;
  /** It is not the error itself but one of its `arguments`, which have no target. */
  readonly isBeside?: true;
  /** The release to emulate; 9.18.1 unless given. */
  readonly release?: string;
  /** Further flags of `serve`. */
  readonly flags?: readonly string[];
  /** What has to be so beforehand. The key it returns stands for `MADE` in path, body and headers. */
  readonly given?: (server: TestServer) => Promise<string>;
  /** It must not share a server with other rows: what it needs would change their answers. */
  readonly isAlone?: true;
  /** What is done to a server of its own, for what no client can bring about. */
  readonly fault?: (server: TestServer) => void;
}

/** Sends the request, and what has to come before it. */
export async function provoke(server: TestServer, row: Provocation): Promise<Answer> {
  row.fault?.(server);
  const key = await row.given?.(server);
  const { method, path, headers } = row;
  const body = typeof row.body === 'function' ? row.body() : row.body;
  const isJson = typeof body === 'object' && !Buffer.isBuffer(body);
  return server.request(
    method,
    filled(`/api${path}`, key),
    isJson ? filled(JSON.stringify(body), key) : body,
    headers && JSON.parse(filled(JSON.stringify(headers), key)),
  );
}

function filled(text: string, key = ''): string {
  return text.replaceAll('MADE', key);
}

/** A POST of a body. */
export function post(path: string, body: unknown, target?: string): Provocation {
  return { method: 'POST', path, body, ...(target !== undefined && { target }) };
}

/** A PATCH with a body. */
export function patch(path: string, body: unknown, target?: string): Provocation {
  return { method: 'PATCH', path, body, ...(target !== undefined && { target }) };
}

/** A GET. */
export function get(path: string, target?: string): Provocation {
  return { method: 'GET', path, ...(target !== undefined && { target }) };
}

/** A DELETE. */
export function remove(path: string, target?: string, body?: unknown): Provocation {
  return {
    method: 'DELETE',
    path,
    ...(target !== undefined && { target }),
    ...(body !== undefined && { body }),
  };
}

/** Creates a record and gives its key; throws when it is not created. */
export async function made(server: TestServer, path: string, body: unknown): Promise<string> {
  const { status, headers, text } = await server.request('POST', `/api${path}`, body);
  const key = headers['location']?.split('/').at(-1);
  if (status !== 201 || key === undefined) throw new Error(`POST ${path}: ${status} ${text}`);
  return key;
}

/** Puts another function in place of one of the server's. */
export function replaced(part: object, name: string, value: unknown): void {
  Object.defineProperty(part, name, { value });
}

/** Stands for a function that fails as a bug of ours would. */
export function bug(): never {
  throw new Error('broken on purpose');
}
