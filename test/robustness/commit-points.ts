import { Esplanade } from '../support/esplanade.ts';
import { eventually } from '../support/eventually.ts';
import { HttpsClient } from '../support/https-client.ts';
import type { PreparedWrite, WriteKind } from './write-kinds.ts';

/** A moment in a write of one kind: just before this step is taken for the n-th time. */
export interface CommitPoint {
  readonly kind: WriteKind;
  readonly step: string;
  readonly occurrence: number;
}

/** What became of a write that was killed: wholly there, not at all, or some of its commits. */
export type Fate = 'kept' | 'absent' | 'some commits';

const probe = new URL('commit-probe.ts', import.meta.url).href;

/** A server that is watched by commit-probe.ts, and a client of it. */
export class WatchedServer {
  readonly #server: Esplanade;
  readonly client: HttpsClient;

  private constructor(server: Esplanade, client: HttpsClient) {
    this.#server = server;
    this.client = client;
  }

  /** Starts it, on the same data as before if there are any. */
  static async start(dataDirectory: string): Promise<WatchedServer> {
    const server = await Esplanade.start({
      dataDirectory,
      flags: ['--datapath', 'simulated'],
      environment: { NODE_OPTIONS: `--import ${probe}` },
    });
    return new WatchedServer(server, new HttpsClient(server.url, dataDirectory));
  }

  /** Carries a write out, and resolves to the steps it took, in order. */
  async record(write: PreparedWrite): Promise<readonly string[]> {
    const { log } = this.#server;
    const from = log.length;
    const answer = await this.client.send({ ...write.request, headers: { 'x-commit-probe': 'record' } });
    if (answer.status >= 300) throw new Error(`${write.request.path}: ${answer.status} ${answer.text}`);
    const said = (): readonly string[] =>
      log.slice(from).flatMap((line) => /^commit step: (.+)$/.exec(line)?.[1] ?? []);
    const steps = await eventually('the write is over', () => said().at(-1) === 'end' && said());
    return steps.slice(0, -1);
  }

  /**
   * Begins a write that does not survive `point`. Resolves to whether it was acknowledged before, or that it did not come
   * by: commits that were two batches when the steps were recorded may share one now.
   */
  async killAt(
    { step, occurrence }: CommitPoint,
    write: PreparedWrite,
  ): Promise<'acknowledged' | 'unanswered' | 'passed by'> {
    const { log } = this.#server;
    const from = log.length;
    const order = `kill ${occurrence} ${step}`;
    const request = { ...write.request, headers: { 'x-commit-probe': order } };
    const isAcknowledged = await this.client.send(request).then(
      ({ status, text }) => {
        if (status >= 300) throw new Error(`${write.request.path}: ${status} ${text}`);
        return true;
      },
      (error: unknown) => {
        if (error instanceof Error && 'code' in error) return false;
        throw error;
      },
    );
    const isOver = (): boolean => log.slice(from).includes('commit step: end');
    await eventually(
      `the server is killed at "${step}", or the write is over`,
      () => !this.#server.isRunning || isOver(),
    );
    if (isOver()) return 'passed by';
    this.client.close();
    return isAcknowledged ? 'acknowledged' : 'unanswered';
  }

  /** Carries a write out in which the writer thread fails by a bug. Resolves to its status, once the server has ended. */
  async failWriter(write: PreparedWrite): Promise<number> {
    const headers = { 'x-commit-probe': 'fail 1 store writer: a batch has arrived' };
    const { status } = await this.client.send({ ...write.request, headers });
    await eventually('the server ends by itself', () => !this.#server.isRunning);
    this.client.close();
    return status;
  }

  /** SIGTERM. */
  async stop(): Promise<void> {
    this.client.close();
    await this.#server.stop();
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    this.client.close();
    await this.#server.kill();
  }
}

/** Every moment of the recorded steps, each occurrence for itself. */
export function pointsOf(kind: WriteKind, steps: readonly string[]): readonly CommitPoint[] {
  return steps.map((step, index) => ({
    kind,
    step,
    occurrence: steps.slice(0, index + 1).filter((other) => other === step).length,
  }));
}

/** Holds the state after a restart against what the write was to do. Throws when it is neither done nor undone. */
export async function fateOf(
  write: PreparedWrite,
  isAcknowledged: boolean,
  client: HttpsClient,
): Promise<Fate> {
  const { before, after, between = [] } = write;
  const state = await write.look(client);
  if (isAcknowledged && state !== after) throw new Error(`acknowledged, and now it is "${state}"`);
  if (![before, after, ...between].includes(state)) throw new Error(`a half write: "${state}"`);
  await write.tryAgain?.(client, state);
  if (state === after) return 'kept';
  return state === before ? 'absent' : 'some commits';
}
