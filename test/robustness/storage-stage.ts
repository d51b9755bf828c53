import { join } from 'node:path';
import { expect } from 'vitest';
import { Esplanade } from '../support/esplanade.ts';
import { HttpsClient, type RawAnswer } from '../support/https-client.ts';
import { body } from '../support/operator.ts';
import { type DiskSize, SmallDisk } from './small-disk.ts';

const policies = '/api/security/ipsec/policies';

/** A server on a disk of its own, and somebody who creates policies and knows which there must be. */
export class StorageStage {
  readonly disk: SmallDisk;
  /** Where the server keeps its data. */
  readonly data: string;
  readonly #acknowledged = new Set<string>();
  /** Those whose creation was never answered, until it was seen what became of them. */
  readonly #doubtful = new Set<string>();
  #server: Esplanade | undefined;
  #client: HttpsClient | undefined;
  #names = 0;

  /** Without a server yet; `begin` has one. */
  constructor(disk: SmallDisk) {
    this.disk = disk;
    this.data = join(disk.path, 'data');
  }

  /** With a server that runs and has one policy. */
  static async begin(size: DiskSize): Promise<StorageStage> {
    const stage = new StorageStage(await SmallDisk.create(size));
    try {
      await stage.start();
      await stage.expectToWrite();
    } catch (error) {
      await stage.close();
      throw error;
    }
    return stage;
  }

  get server(): Esplanade {
    if (this.#server === undefined) throw new Error('no server has been started');
    return this.#server;
  }

  get client(): HttpsClient {
    if (this.#client === undefined) throw new Error('no server has been started');
    return this.#client;
  }

  /** Starts the server, again or for the first time. */
  async start(): Promise<void> {
    this.#client?.close();
    const flags = ['--datapath', 'simulated'];
    this.#server = await Esplanade.start({ dataDirectory: this.data, flags, command: this.disk.command });
    this.#client = new HttpsClient(this.#server.url, this.data);
  }

  /** SIGKILL, and starts it again. */
  async killAndStart(): Promise<void> {
    await this.server.kill();
    await this.start();
  }

  /** Creates one more policy under a name of its own. */
  async create(): Promise<RawAnswer> {
    this.#names += 1;
    const name = `policy-${String(this.#names).padStart(4, '0')}`;
    this.#doubtful.add(name);
    const answer = await this.client.call('POST', policies, policyOf(name, this.#names));
    this.#doubtful.delete(name);
    if (answer.status === 201) this.#acknowledged.add(name);
    return answer;
  }

  /** Creates policies until one is refused, and resolves to how many were not and the refusal. */
  async createUntilRefused(): Promise<{ readonly created: number; readonly refusal: RawAnswer }> {
    for (let created = 0; created < 5_000; created += 1) {
      const refusal = await this.create();
      if (refusal.status !== 201) return { created, refusal };
    }
    throw new Error('nothing was refused');
  }

  /** A refusal that says what is the matter and what to do, of a write that may be tried again. */
  expectRefused({ status, text }: RawAnswer, why: RegExp): void {
    expect({ status, text }).toEqual({ status: 503, text: expect.stringMatching(why) });
    expect(JSON.parse(text)).toMatchObject({
      error: { code: '65562', message: expect.stringMatching(/Try again\.$/) },
    });
  }

  /** Every kind of write is refused so, and all that there was is still read. */
  async expectOnlyToRead(why: RegExp): Promise<void> {
    this.expectRefused(await this.create(), why);
    const { text } = await this.client.call('DELETE', `${policies}?name=policy-0001`);
    expect(text).toMatch(why);
    const account = {
      name: 'late',
      role: { name: 'admin' },
      applications: [http],
      password: 'password 12345',
    };
    this.expectRefused(await this.client.call('POST', '/api/security/accounts', account), why);
    // Refusals are recorded too; where that cannot be, they say so.
    const refused = await this.client.call('POST', policies, { name: 'nothing else' });
    expect([400, 503]).toContain(refused.status);
    const authorization = `Basic ${Buffer.from('nobody:nothing').toString('base64')}`;
    const stranger = await this.client.send({ method: 'GET', path: policies, headers: { authorization } });
    expect([401, 503]).toContain(stranger.status);
    await this.expectWhole();
    const answer = await this.client.call('GET', '/api/security/ipsec/security-associations');
    expect(answer.status).toBe(200);
    // From the disk itself, which may be away.
    const audit = await this.client.call('GET', '/api/security/audit/messages?max_records=1');
    expect([200, 503]).toContain(audit.status);
  }

  /** A write succeeds. */
  async expectToWrite(): Promise<void> {
    const { status, text } = await this.create();
    expect({ status, text }).toMatchObject({ status: 201 });
  }

  /**
   * What was acknowledged is there, and nothing that was refused. Resolves to how many creations that were never answered
   * are there as well.
   */
  async expectWhole(): Promise<number> {
    const { status, body: answer } = await this.client.call('GET', `${policies}?max_records=10000`);
    expect(status).toBe(200);
    const { records } = answer as { readonly records: readonly { readonly name: string }[] };
    const names = records.map(({ name }) => name).sort();
    const kept = names.filter((name) => this.#doubtful.has(name));
    for (const name of kept) this.#acknowledged.add(name);
    this.#doubtful.clear();
    expect(names).toEqual([...this.#acknowledged].sort());
    return kept.length;
  }

  async close(): Promise<void> {
    this.#client?.close();
    await this.#server?.kill();
    await this.disk.close();
  }
}

const http = { application: 'http', authentication_methods: ['password'] };

function policyOf(name: string, number: number): object {
  const remote = `10.8.${number >> 8}.${number & 255}`;
  return body({
    name,
    action: 'esp_transport',
    local: '10.9.0.1',
    remote,
    secretKey: 'a key that takes some room',
  });
}
