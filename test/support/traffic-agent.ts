import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createConnection, createServer, isIPv6 } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from './eventually.ts';
import type { Answer, Flow, FlowReport, Order, TcpAttempt, TcpOutcome } from './traffic-orders.ts';

/** The process that traffic.ts starts inside a host: carries out orders that arrive over the IPC channel. */

class RunningFlow {
  readonly #flow: Flow;
  readonly #socket: Socket;
  readonly #timer: NodeJS.Timeout;
  readonly #refused = new Map<string, number>();
  #limit: number;
  #isCeased = false;
  #attempted = 0;
  #sent = 0;
  #answered = 0;
  #lastAnswer = performance.now();
  #longestGap = 0;

  constructor(flow: Flow, limit = Number.POSITIVE_INFINITY) {
    this.#flow = flow;
    this.#limit = limit;
    this.#socket = createSocket(isIPv6(flow.destination) ? 'udp6' : 'udp4');
    this.#socket.on('message', () => {
      this.#answered += 1;
      const now = performance.now();
      this.#longestGap = Math.max(this.#longestGap, now - this.#lastAnswer);
      this.#lastAnswer = now;
    });
    this.#socket.on('error', (error) => this.#refuse(error));
    this.#socket.bind(flow.sourcePort ?? 0, flow.source);
    this.#timer = setInterval(() => this.#sendOne(), 1000 / flow.perSecond);
  }

  get attempted(): number {
    return this.#attempted;
  }

  get isSettled(): boolean {
    return this.#attempted >= this.#limit && this.#answered >= this.#sent;
  }

  /** Sends no more. */
  cease(): void {
    if (this.#isCeased) return;
    this.#isCeased = true;
    clearInterval(this.#timer);
    this.#limit = this.#attempted;
    this.#longestGap = Math.max(this.#longestGap, performance.now() - this.#lastAnswer);
  }

  /** Ends when the last datagram was answered, or after a second. */
  async stop(): Promise<FlowReport> {
    this.cease();
    const deadline = performance.now() + 1_000;
    // Unanswered datagrams are a result here, not a failure.
    while (!this.isSettled && performance.now() < deadline) await sleep(10);
    this.#socket.close();
    return {
      sent: this.#sent,
      answered: this.#answered,
      refused: Object.fromEntries(this.#refused),
      longestGapMilliseconds: this.#longestGap,
    };
  }

  #sendOne(): void {
    if (this.#attempted >= this.#limit) return;
    this.#attempted += 1;
    this.#socket.send(`datagram ${this.#attempted}`, this.#flow.port, this.#flow.destination, (error) => {
      if (error === null) this.#sent += 1;
      else this.#refuse(error);
    });
  }

  #refuse(error: NodeJS.ErrnoException): void {
    const code = error.code ?? error.message;
    this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
  }
}

const flows = new Map<number, RunningFlow>();
let flowIds = 0;
/** Datagrams that reached each UDP echo port. */
const heard = new Map<number, number>();

async function echo(protocol: 'udp' | 'tcp', address: string, port: number): Promise<void> {
  if (protocol === 'udp') {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    socket.on('message', (message, from) => {
      heard.set(port, (heard.get(port) ?? 0) + 1);
      // An echo that our own policy refuses is the sender's to notice.
      socket.send(message, from.port, from.address, () => undefined);
    });
    socket.bind(port, address);
    await once(socket, 'listening');
    return;
  }
  const server = createServer((connection) => {
    connection.on('error', () => connection.destroy());
    connection.pipe(connection);
  });
  server.listen(port, address);
  await once(server, 'listening');
}

async function connect(attempt: TcpAttempt): Promise<TcpOutcome> {
  return await new Promise((resolve, reject) => {
    const connection = createConnection({
      host: attempt.destination,
      port: attempt.port,
      localAddress: attempt.source,
      localPort: attempt.sourcePort,
    });
    const finish = (outcome: TcpOutcome): void => {
      clearTimeout(deadline);
      connection.destroy();
      resolve(outcome);
    };
    const deadline = setTimeout(() => finish('timeout'), attempt.timeoutMilliseconds ?? 3_000);
    connection.once('connect', () => connection.write('x'));
    connection.once('data', () => finish('answered'));
    connection.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') finish('refused');
      else if (error.code === 'EPERM') finish('forbidden');
      else if (error.code === 'ETIMEDOUT' || error.code === 'EHOSTUNREACH') finish('timeout');
      else reject(error);
    });
  });
}

async function send(flow: Flow, datagrams: number): Promise<FlowReport> {
  const running = new RunningFlow(flow, datagrams);
  await eventually('all datagrams are sent', () => running.attempted >= datagrams, {
    deadlineMilliseconds: (datagrams / flow.perSecond) * 1000 * 10 + 5_000,
    intervalMilliseconds: 10,
  });
  return await running.stop();
}

async function carryOut(order: Order): Promise<Answer> {
  switch (order.kind) {
    case 'echo':
      await echo(order.protocol, order.address, order.port);
      return { kind: 'echoing' };
    case 'heard':
      return { kind: 'heard', datagrams: heard.get(order.port) ?? 0 };
    case 'connect':
      return { kind: 'connected', outcome: await connect(order.attempt) };
    case 'start-flow':
      flowIds += 1;
      flows.set(flowIds, new RunningFlow(order.flow));
      return { kind: 'flowing', flowId: flowIds };
    case 'stop-flow': {
      const flow = flows.get(order.flowId);
      if (flow === undefined) throw new Error(`no flow ${order.flowId}`);
      flows.delete(order.flowId);
      return { kind: 'flowed', report: await flow.stop() };
    }
    case 'send':
      return { kind: 'flowed', report: await send(order.flow, order.datagrams) };
  }
}

process.on('message', (message) => {
  const { id, order } = message as { readonly id: number; readonly order: Order };
  carryOut(order)
    .catch((error: unknown): Answer => ({ kind: 'failed', message: String(error) }))
    .then((answer) => process.send?.({ id, answer }));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
