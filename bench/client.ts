import { Agent, request } from 'node:https';

/** A keep-alive HTTPS client, as a controller or a load generator would be. */
export class Client {
  readonly #agent: Agent;
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(
    url: string,
    options: { readonly connections: number; readonly headers?: Readonly<Record<string, string>> },
  ) {
    this.#url = url;
    this.#agent = new Agent({ keepAlive: true, maxSockets: options.connections, rejectUnauthorized: false });
    this.#headers = options.headers ?? {};
  }

  /** Sends one request and reads the whole answer. */
  async call(
    method: string,
    path: string,
    body?: string,
  ): Promise<{ status: number; body: string; type: string }> {
    return await new Promise((resolve, reject) => {
      const outgoing = request(new URL(path, this.#url), {
        method,
        agent: this.#agent,
        headers: this.#headers,
      });
      outgoing.on('error', reject);
      outgoing.on('response', (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            body: Buffer.concat(chunks).toString(),
            type: answer.headers['content-type'] ?? '',
          }),
        );
      });
      outgoing.end(body);
    });
  }

  /** Sends one request and throws if its status is not as expected. */
  async expect(status: number, method: string, path: string, body?: string): Promise<string> {
    const answer = await this.call(method, path, body);
    if (answer.status !== status) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    return answer.body;
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Runs `work` for each item, so many at a time. */
export async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
