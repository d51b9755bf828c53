import { execFile, spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { onLines } from './lines.ts';
import { MonitorLines } from './monitor-lines.ts';
import { type KernelAnswer, type KernelTable, parseQuestion } from './protocol.ts';
import { parseKernelPolicy, parseKernelState, parseProtocolNames, xfrmRecords } from './xfrm-text.ts';

const run = promisify(execFile);
const debounceMs = 100;
const maxTableBytes = 1 << 30;
const rowsInPart = 500;

/** A reader that answers until it is closed. */
export interface KernelReader {
  /** Rejects when it can go on no longer: the kernel's notifications have ended. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

/**
 * Answers what the SPD and the SAD of this network namespace hold on a UNIX socket (protocol.ts), read with iproute2,
 * which needs CAP_NET_ADMIN. It cannot change anything, and asks the kernel to leave keys out. The socket is open to the
 * process's user and group. Rejects when the socket cannot be made.
 */
export async function openKernelReader(socketPath: string): Promise<KernelReader> {
  const names = parseProtocolNames(await readFile('/etc/protocols', 'utf8').catch(() => ''));
  const clients = new Set<Socket>();
  const tell = (socket: Socket, answer: KernelAnswer): void => {
    if (socket.writable) socket.write(`${JSON.stringify(answer)}\n`);
  };

  const due = new Map<KernelTable, NodeJS.Timeout>();
  const changed = (table: KernelTable): void => {
    if (due.has(table)) return;
    const tellAll = (): void => {
      due.delete(table);
      for (const socket of clients) tell(socket, { changed: table });
    };
    due.set(table, setTimeout(tellAll, debounceMs));
  };
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const monitoring = ['ip', 'xfrm', 'monitor', 'nokeys', 'SA', 'policy', 'expire'];
  // It is to end with this process, however that ends.
  const monitor = spawn('setpriv', ['--pdeathsig', 'KILL', ...monitoring], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = new MonitorLines();
  onLines(monitor.stdout, (line) => {
    const table = lines.read(line);
    if (table !== undefined) changed(table);
  });
  // It writes there that it has missed something.
  onLines(monitor.stderr, () => {
    changed('policies');
    changed('states');
  });
  monitor.on('error', reject);
  monitor.on('exit', () => reject(new Error('ip xfrm monitor ended')));

  const answer = async (table: KernelTable, socket: Socket): Promise<void> => {
    try {
      if (table === 'states') {
        const records = await xfrm('state', 'list', 'nokeys');
        for (const { rows, more } of parts(records.map(parseKernelState)))
          tell(socket, { states: rows, more });
      } else {
        const records = await xfrm('policy', 'list', 'nosock');
        const policies = records.map((record) => parseKernelPolicy(record, names));
        for (const { rows, more } of parts(policies)) tell(socket, { policies: rows, more });
      }
    } catch (error) {
      tell(socket, { error: error instanceof Error ? error.message : String(error) });
    }
  };
  const server = createServer((socket) => {
    clients.add(socket);
    let turn = Promise.resolve();
    socket.on('error', () => socket.destroy());
    socket.on('close', () => clients.delete(socket));
    onLines(socket, (line) => {
      const question = parseQuestion(line);
      turn = turn.then(async () =>
        question === undefined ? tell(socket, { error: 'not a question' }) : answer(question.read, socket),
      );
    });
  });
  await rm(socketPath, { force: true });
  process.umask(0o007);
  await new Promise<void>((resolve, refuse) => {
    server.once('error', refuse);
    server.listen(socketPath, resolve);
  });
  return {
    failed,
    close: async () => {
      monitor.removeAllListeners('exit');
      monitor.kill();
      for (const timer of due.values()) clearTimeout(timer);
      for (const socket of clients) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function xfrm(...command: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await run('ip', ['xfrm', ...command], { maxBuffer: maxTableBytes });
  return xfrmRecords(stdout);
}

/** At least one part; all but the last say that there is more. */
function* parts<Row>(
  rows: readonly Row[],
): Generator<{ readonly rows: readonly Row[]; readonly more: boolean }> {
  let begin = 0;
  do {
    const end = begin + rowsInPart;
    yield { rows: rows.slice(begin, end), more: end < rows.length };
    begin = end;
  } while (begin < rows.length);
}
