import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { type ApiAnswer, testPassword } from './esplanade.ts';

/** One request, down to its bytes. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  /** Sent as it is. */
  readonly body?: string;
  /** Added to ours, or in their place. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer, with the body as it came. */
export interface RawAnswer extends ApiAnswer {
  readonly text: string;
}

/** A client that keeps its connections open, and says anything, well-formed or not. */
export class HttpsClient {
  readonly #url: URL;
  readonly #agent: Agent;

  /** For a server whose own certificate lies in its data directory. */
  constructor(url: string, dataDirectory: string) {
    this.#url = new URL(url);
    this.#agent = new Agent({ keepAlive: true, ca: readFileSync(join(dataDirectory, 'tls.crt')) });
  }

  /** As admin; `body` goes out as JSON. Rejects when no answer comes. */
  async call(method: string, path: string, body?: unknown): Promise<RawAnswer> {
    return await this.send({ method, path, ...(body !== undefined && { body: JSON.stringify(body) }) });
  }

  /** As admin unless the headers say otherwise. Rejects when no answer comes. */
  async send({ method, path, body, headers }: RawRequest): Promise<RawAnswer> {
    const { hostname, port } = this.#url;
    const authorization = `Basic ${Buffer.from(`admin:${testPassword}`).toString('base64')}`;
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    return await new Promise((resolve, reject) => {
      const outgoing = request({
        hostname,
        port,
        method,
        path,
        agent: this.#agent,
        timeout: 30_000,
        headers: { authorization, 'content-type': 'application/json', ...length, ...headers },
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error(`${method}: no answer in 30 s`)));
      outgoing.on('error', reject);
      outgoing.on('response', (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const isJson = /json/.test(answer.headers['content-type'] ?? '') && text !== '';
          const { statusCode: status = 0, headers: told } = answer;
          resolve({ status, headers: told, body: isJson ? JSON.parse(text) : undefined, text });
        });
      });
      outgoing.end(body);
    });
  }

  /** Closes its connections. */
  close(): void {
    this.#agent.destroy();
  }
}
