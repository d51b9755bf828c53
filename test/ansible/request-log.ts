import type { Esplanade } from '../support/esplanade.ts';
import { eventually } from '../support/eventually.ts';

/** A request as the server's own log tells it. */
export interface ServedRequest {
  readonly method: string;
  /** The template of its path. */
  readonly route: string;
  readonly status: number;
  /** When it was answered, milliseconds since the epoch. */
  readonly timeMs: number;
}

/** What makes the server log every request: for `Esplanade.start`. */
export const requestLogFlags: readonly string[] = ['--log-level', 'debug', '--log-format', 'json'];

/** What the server answered while `work` was done, with the result of `work`. Nobody else may ask it meanwhile. */
export async function servedDuring<Result>(
  server: Esplanade,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly requests: readonly ServedRequest[] }> {
  const before = await mark(server);
  const result = await work();
  const after = await mark(server);
  const served = answered(server);
  const position = (id: string): number => served.findIndex((request) => request.id === id);
  return { result, requests: served.slice(position(before) + 1, position(after)) };
}

/** Those that want something changed, as `PATCH /api/security/ipsec/policies/UUID 200`. */
export function writesOf(requests: readonly ServedRequest[]): readonly string[] {
  return requests
    .filter(({ method }) => method !== 'GET')
    .map(({ method, route, status }) => `${method} ${route.replace(/\{[^}]+\}/, 'UUID')} ${status}`);
}

/** Asks something harmless and resolves to its request id once the log tells of it. */
async function mark(server: Esplanade): Promise<string> {
  const { headers } = await server.call('GET', '/healthz');
  const id = String(headers['x-request-id']);
  await eventually(`the log tells of ${id}`, () => answered(server).some((request) => request.id === id));
  return id;
}

function answered(server: Esplanade): readonly (ServedRequest & { readonly id: string })[] {
  return server.log
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .filter(({ msg }) => msg === 'answered')
    .map(({ id, method, route, status, time }) => ({ id, method, route, status, timeMs: time }));
}
