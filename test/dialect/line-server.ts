import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Esplanade } from '../support/esplanade.ts';
import { HttpsClient, type RawAnswer } from '../support/https-client.ts';

/** The collection that tables of requests are about: it has every type of field and all verbs. */
export const lifs = '/api/network/ip/interfaces';

/** What goes with a request line. */
export interface Sent {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server process with four interfaces of two SVMs, and a client that is told requests as lines. */
export class LineServer {
  readonly #directory: string;
  readonly #server: Esplanade;
  readonly #client: HttpsClient;
  /** UUIDs of the records, by name. */
  readonly #uuids = new Map<string, string>();

  private constructor(directory: string, server: Esplanade) {
    this.#directory = directory;
    this.#server = server;
    this.#client = new HttpsClient(server.url, directory);
  }

  static async start(): Promise<LineServer> {
    const directory = mkdtempSync(join(tmpdir(), 'esplanade-lines-'));
    const server = await Esplanade.start({ dataDirectory: directory, flags: ['--datapath', 'simulated'] });
    const lines = new LineServer(directory, server);
    await lines.#make('/api/svm/svms', { name: 'alpha' });
    const [svm1, alpha] = [{ name: 'svm1' }, { name: 'alpha' }];
    await lines.#make(lifs, { name: 'lif1', svm: svm1, ip: { address: '192.0.2.10', netmask: '24' } });
    await lines.#make(lifs, { name: 'lif2', svm: svm1, ip: { address: '192.0.2.9' }, enabled: false });
    await lines.#make(lifs, { name: 'lif3', svm: alpha, ip: { address: '192.0.2.100' }, enabled: false });
    const ip = { address: '2001:db8::1', netmask: '64' };
    await lines.#make(lifs, { name: 'lif4', ipspace: { name: 'Default' }, ip });
    const { body } = await lines.send('GET /api/svm/svms?name=svm1');
    lines.#uuids.set('svm1', Object(body).records[0].uuid);
    return lines;
  }

  /** Sends `VERB path`; `{lif1}` anywhere in it is the UUID of that record. */
  async send(line: string, { body, headers }: Sent = {}): Promise<RawAnswer> {
    const [method = '', path = ''] = this.withUuids(line).split(' ');
    const sent = Object.entries(headers ?? {}).map(([name, value]) => [name, this.withUuids(value)] as const);
    return this.#client.send({
      method,
      path,
      ...(body !== undefined && { body }),
      headers: Object.fromEntries(sent),
    });
  }

  /** The text with UUIDs in the place of names. */
  withUuids(text: string): string {
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => this.#uuids.get(name) ?? whole);
  }

  async stop(): Promise<void> {
    this.#client.close();
    await this.#server.stop();
    rmSync(this.#directory, { recursive: true });
  }

  async #make(path: string, body: { readonly name: string } & Readonly<Record<string, unknown>>) {
    const { status, headers } = await this.#client.call('POST', path, body);
    expect(status).toBe(201);
    this.#uuids.set(body.name, String(headers['location']).split('/').at(-1) ?? '');
  }
}
