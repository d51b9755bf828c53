import { connect } from '../connect.ts';
import type { Api, ConnectOptions } from '../index.ts';
import type { ApiRequest } from '../transport.ts';

/** An answer as a server gives it; the body is sent as JSON, a text as it is. */
export interface Scripted {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client whose requests are answered one after another, and what it has sent so far. */
export interface ScriptedServer {
  readonly api: Api;
  readonly requests: readonly ApiRequest[];
  /** Methods and paths with their queries, as they are on the line. */
  lines(): readonly string[];
}

/** Answers with these, in order; an error is what the transport rejects with. Throws when more is asked. */
export function scriptedServer(
  answers: readonly (Scripted | Error)[],
  options: Partial<ConnectOptions> = {},
): ScriptedServer {
  const requests: ApiRequest[] = [];
  const api = connect({
    url: 'https://cluster1.example.com',
    transport: async (request) => {
      const answer = answers[requests.length];
      requests.push(request);
      if (answer === undefined) throw new Error(`nothing answers ${request.method} ${request.url.href}`);
      if (answer instanceof Error) throw answer;
      const { status = 200, body = {}, headers = {} } = answer;
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      return { status, header: (name) => headers[name], text };
    },
    ...options,
  });
  const lines = () => requests.map(({ method, url }) => `${method} ${url.pathname}${url.search}`);
  return { api, requests, lines };
}
