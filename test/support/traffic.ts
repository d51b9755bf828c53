import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { runCommand } from './command.ts';
import type { Host } from './network.ts';
import type { Answer, Flow, FlowReport, Order, TcpAttempt, TcpOutcome } from './traffic-orders.ts';

const agent = fileURLToPath(new URL('./traffic-agent.ts', import.meta.url));

/** Sends and answers ordinary traffic from inside one host, by one long-lived process. */
export class Traffic {
  readonly #host: Host;
  readonly #child: ChildProcess;
  #orders = 0;

  private constructor(host: Host, child: ChildProcess) {
    this.#host = host;
    this.#child = child;
  }

  /** Starts the process in the host. */
  static async start(host: Host): Promise<Traffic> {
    const inside = ['--pdeathsig', 'KILL', 'ip', 'netns', 'exec', host.namespace];
    const child = spawn('setpriv', [...inside, process.execPath, agent], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    await once(child, 'message');
    return new Traffic(host, child);
  }

  /** Echoes what arrives at this UDP or TCP port of the address, from now on. */
  async echo(protocol: 'udp' | 'tcp', address: string, port: number): Promise<void> {
    await this.#ask({ kind: 'echo', protocol, address, port });
  }

  /** How many datagrams have reached this host's UDP echo ports of this number. */
  async heard(port: number): Promise<number> {
    const answer = await this.#ask({ kind: 'heard', port });
    if (answer.kind !== 'heard') throw new Error(`unexpected answer ${answer.kind}`);
    return answer.datagrams;
  }

  /** Tries one TCP connection and a byte there and back. */
  async connect(attempt: TcpAttempt): Promise<TcpOutcome> {
    const answer = await this.#ask({ kind: 'connect', attempt });
    if (answer.kind !== 'connected') throw new Error(`unexpected answer ${answer.kind}`);
    return answer.outcome;
  }

  /** Starts a steady UDP flow to an echo port and resolves to the means to end it and learn what became of it. */
  async flow(flow: Flow): Promise<() => Promise<FlowReport>> {
    const answer = await this.#ask({ kind: 'start-flow', flow });
    if (answer.kind !== 'flowing') throw new Error(`unexpected answer ${answer.kind}`);
    return async () => {
      const report = await this.#ask({ kind: 'stop-flow', flowId: answer.flowId });
      if (report.kind !== 'flowed') throw new Error(`unexpected answer ${report.kind}`);
      return report.report;
    };
  }

  /** Sends so many datagrams at the flow's pace, and resolves when the last was answered or a second has passed. */
  async send(flow: Flow, datagrams: number): Promise<FlowReport> {
    const answer = await this.#ask({ kind: 'send', flow, datagrams });
    if (answer.kind !== 'flowed') throw new Error(`unexpected answer ${answer.kind}`);
    return answer.report;
  }

  /** Echo requests that were answered, of `count`. From the host's own address if no source is given. */
  async ping(
    destination: string,
    count = 3,
    source = destination.includes(':') ? this.#host.ipv6 : this.#host.ipv4,
  ): Promise<number> {
    const args = ['-n', '-q', '-I', source, '-c', String(count), '-i', '0.2', '-W', '2', destination];
    const inside = ['netns', 'exec', this.#host.namespace, 'ping', ...args];
    const { stdout, stderr } = await runCommand('ip', inside, {
      anyStatus: true,
      timeoutMilliseconds: 60_000,
    });
    const received = /(\d+) received/.exec(stdout)?.[1];
    if (received === undefined) throw new Error(`ping ${destination}: ${stdout}${stderr}`);
    return Number(received);
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }

  async #ask(order: Order): Promise<Answer> {
    this.#orders += 1;
    const id = this.#orders;
    return await new Promise((resolve, reject) => {
      const onMessage = (message: unknown): void => {
        const reply = message as { readonly id: number; readonly answer: Answer };
        if (reply.id !== id) return;
        settle();
        if (reply.answer.kind === 'failed') reject(new Error(`${this.#host.name}: ${reply.answer.message}`));
        else resolve(reply.answer);
      };
      const onExit = (): void => {
        settle();
        reject(new Error(`the traffic process of ${this.#host.name} ended`));
      };
      const settle = (): void => {
        this.#child.off('message', onMessage);
        this.#child.off('exit', onExit);
      };
      this.#child.on('message', onMessage);
      this.#child.on('exit', onExit);
      this.#child.send({ id, order });
    });
  }
}
