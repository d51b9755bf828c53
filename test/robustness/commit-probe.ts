import { subscribe } from 'node:diagnostics_channel';
import { writeSync } from 'node:fs';
import { type IncomingMessage, ServerResponse } from 'node:http';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  getEnvironmentData,
  isMainThread,
  parentPort,
  setEnvironmentData,
  threadName,
  Worker,
} from 'node:worker_threads';

/**
 * Preloaded into a server under test (`NODE_OPTIONS=--import`), in each of its threads: it sees the steps of one request
 * from arrival to answer, by standing around what the steps are made of, and names them on stderr or kills the process
 * just before one. The product itself knows nothing of it and has no switch for it.
 *
 * A request begins it with the header `x-commit-probe`: `record`, or `kill N STEP`, where N counts how often the step is
 * met, or `fail N STEP`, which throws there instead. `commit step: end` tells that it is over.
 */

/** What goes on, shared by the threads: 0 nothing, 1 recording, 2 killing, 3 throwing; how often to pass; then the step's name. */
const sharedKey = 'esplanade commit probe';
const nameLimit = 2_048;

function sharedMemory(): SharedArrayBuffer {
  const found: unknown = getEnvironmentData(sharedKey);
  if (found instanceof SharedArrayBuffer) return found;
  const made = new SharedArrayBuffer(8 + nameLimit);
  setEnvironmentData(sharedKey, made);
  return made;
}

const shared = sharedMemory();
const mode = new Int32Array(shared, 0, 2);
const armedName = new Uint8Array(shared, 8);
const off = 0;
const recording = 1;
const killing = 2;
const throwing = 3;
const where = isMainThread ? 'server' : threadName;

/** Whatever comes next happens after this step was named, or not at all. */
function step(what: string): void {
  const doing = Atomics.load(mode, 0);
  if (doing === off) return;
  const name = `${where}: ${what.replace(/\s+/g, ' ').trim()}`;
  if (doing === recording) writeSync(2, `commit step: ${name}\n`);
  else if (name === armed() && Atomics.sub(mode, 1, 1) === 1) {
    if (doing === throwing) throw new Error('thrown by a test');
    process.kill(process.pid, 'SIGKILL');
  }
}

function armed(): string {
  // TextDecoder takes no shared memory.
  const bytes = armedName.slice();
  return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
}

function begin(order: string): void {
  const [, fate, count, name] = /^(kill|fail) (\d+) (.+)$/.exec(order) ?? [];
  if (name === undefined) {
    Atomics.store(mode, 0, recording);
    return;
  }
  armedName.fill(0);
  armedName.set(new TextEncoder().encode(name));
  Atomics.store(mode, 1, Number(count));
  Atomics.store(mode, 0, fate === 'fail' ? throwing : killing);
}

type Method = (this: unknown, ...args: readonly unknown[]) => unknown;

/** Names a step before each call of a method, and another after it where the end is a step of its own. */
function around(
  owner: object,
  method: string,
  before: (self: unknown, args: readonly unknown[]) => string,
  after?: string,
): void {
  const original: unknown = Reflect.get(owner, method);
  if (typeof original !== 'function') throw new Error(`there is no ${method} any more to stand around`);
  const call: Method = function (...args) {
    step(before(this, args));
    const result = Reflect.apply(original, this, args);
    if (after !== undefined) step(after);
    return result;
  };
  Object.defineProperty(owner, method, { value: call, configurable: true, writable: true });
}

/** What a statement does to which table; two that do the same to one table are told apart by their order. */
function statement(self: unknown): string {
  const sql = self instanceof StatementSync ? self.sourceSQL : '';
  const [, verb, table] =
    /^\s*(SELECT|INSERT|UPDATE|DELETE)\b.*?\b(?:FROM|INTO|(?<=UPDATE))\s+(\w+)/s.exec(sql) ?? [];
  return verb === undefined ? sql : `${verb} ${table}`;
}

around(DatabaseSync.prototype, 'exec', (_self, [sql]) => String(sql));
for (const method of ['run', 'get', 'all', 'iterate']) around(StatementSync.prototype, method, statement);

if (isMainThread) await watchServer();
else if (parentPort !== null) watchWriter(parentPort);

function watchWriter(port: NonNullable<typeof parentPort>): void {
  around(port, 'postMessage', () => 'the outcome is sent back', 'the outcome is on its way');
  const on = port.on.bind(port);
  Object.defineProperty(port, 'on', {
    value: (event: string, listener: (message: unknown) => void) =>
      on(event, (message: unknown) => {
        step('a batch has arrived');
        listener(message);
      }),
  });
}

async function watchServer(): Promise<void> {
  subscribe('http.server.request.start', (message) => {
    const { request } = message as { readonly request: IncomingMessage };
    const order = request.headers['x-commit-probe'];
    if (typeof order !== 'string') return;
    begin(order);
    step('the request has arrived');
    request.once('end', () => step('its body is read'));
  });
  subscribe('http.server.response.finish', (message) => {
    const { request } = message as { readonly request: IncomingMessage };
    if (request.headers['x-commit-probe'] === undefined) return;
    step('the answer is with the kernel');
    if (Atomics.load(mode, 0) !== off) writeSync(2, 'commit step: end\n');
    Atomics.store(mode, 0, off);
  });
  around(ServerResponse.prototype, 'writeHead', () => 'the answer is begun');
  around(ServerResponse.prototype, 'end', () => 'the answer is ended', 'the answer is written');
  around(Worker.prototype, 'postMessage', () => 'a batch is sent to the writer', 'a batch is on its way');

  const part = async (path: string, name: string): Promise<object> => {
    const module: Record<string, unknown> = await import(
      new URL(`../../packages/${path}`, import.meta.url).href
    );
    const found = module[name];
    if (typeof found !== 'function') throw new Error(`${path} has no ${name} any more`);
    const prototype: unknown = found.prototype;
    if (typeof prototype !== 'object' || prototype === null) throw new Error(`${name} is no class any more`);
    return prototype;
  };
  around(await part('desired/src/secret-box.ts', 'SecretBox'), 'seal', () => 'a secret is sealed');
  around(
    await part('store/src/embedded/commit-queue.ts', 'CommitQueue'),
    'commit',
    () => 'a commit is queued',
  );
  around(
    await part('store/src/embedded/recent-commits.ts', 'RecentCommits'),
    'append',
    () => 'the outcome has arrived',
  );
  const records = await part('desired/src/records.ts', 'Records');
  around(records, 'apply', () => 'the records are changed');
  around(records, 'snapshot', () => 'the snapshot is made', 'the snapshot is there');
  const datapath = await part('datapath/src/simulated/driver.ts', 'SimulatedDatapath');
  for (const method of ['install', 'installAll', 'remove'])
    around(datapath, method, () => `the datapath is told to ${method}`);
}
