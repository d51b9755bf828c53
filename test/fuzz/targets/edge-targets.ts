import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Esplanade, testPassword } from '../../support/esplanade.ts';
import type { FuzzTarget } from '../guided/fuzz-target.ts';
import { WireClient } from '../wire-client.ts';
import { ambiguous, authorizationPlace, noTls, unusual } from './edge-shapes.ts';
import type { TargetFamily } from './index.ts';

/** An answer as it stands among the bytes of a connection. */
interface EdgeAnswer {
  readonly status: number;
  readonly isLast: boolean;
}

const deadlineMs = 20_000;

/** The targets with what they run on. */
interface EdgeFamily extends TargetFamily {
  readonly server: Esplanade;
  readonly wire: WireClient;
  /** An administrator's. */
  readonly authorization: string;
}

/** Connections to a running server, a process of its own, over which anything comes. */
export async function startEdgeTargets(): Promise<EdgeFamily> {
  const directory = await mkdtemp(join(tmpdir(), 'esplanade-edge-'));
  const dataDirectory = join(directory, 'data');
  const server = await Esplanade.start({ dataDirectory, flags: ['--datapath', 'simulated'] });
  const authorization = `Basic ${Buffer.from(`admin:${testPassword}`).toString('base64')}`;
  const wire = new WireClient(server.url, await readFile(join(dataDirectory, 'tls.crt'), 'utf8'), deadlineMs);
  const { hostname, port } = new URL(server.url);
  const targets: readonly FuzzTarget[] = [
    {
      name: 'http-edge',
      seeds: Object.values({ ...unusual, ...ambiguous }).map((text) => Buffer.from(text, 'latin1')),
      words: [
        '\r\n',
        '\n',
        '\r',
        '\r\n\r\n',
        ' ',
        ':',
        '\0',
        '0\r\n\r\n',
        'Content-Length: 3\r\n',
        'Transfer-Encoding: chunked\r\n',
        'Connection: close\r\n',
        'GET / HTTP/1.1\r\n',
        'Host: x\r\n',
        ';',
        'ffffffff',
      ].map((word) => Buffer.from(word)),
      mostBytes: 200_000,
      run: async (input) => {
        const text = Buffer.from(input).toString('latin1').replaceAll(authorizationPlace, authorization);
        const received = await wire.answersTo(Buffer.from(text, 'latin1'));
        if (received === undefined) throw new Error('the server takes no connections');
        return (
          edgeAnswers(received, /^HEAD /m.test(text))
            .map(({ status }) => status)
            .slice(0, 3)
            .join(' ') || 'none'
        );
      },
    },
    {
      name: 'no-tls',
      seeds: Object.values(noTls).map((hex) => Buffer.from(hex, 'hex')),
      words: ['160301', '160303', '0100', '0303', 'ffff', '1503030002', '00'].map((hex) =>
        Buffer.from(hex, 'hex'),
      ),
      mostBytes: 70_000,
      run: async (input) => {
        const received = await new Promise<Buffer>((resolve, reject) => {
          let bytes: Buffer = Buffer.alloc(0);
          const socket = connect(Number(port), hostname);
          const deadline = setTimeout(() => {
            socket.destroy();
            reject(new Error('the connection stays open'));
          }, deadlineMs);
          socket.on('data', (data) => {
            bytes = Buffer.concat([bytes, data]);
          });
          // Reset, where the server does not want the rest.
          socket.on('error', () => socket.destroy());
          socket.on('close', () => {
            clearTimeout(deadline);
            resolve(bytes);
          });
          socket.end(input);
        });
        // Nothing but records of TLS, least of all HTTP.
        if (received.length > 0 && ![0x14, 0x15, 0x16].includes(received[0] ?? 0))
          throw new Error(`answered ${received.toString('latin1').slice(0, 200)}`);
        return tlsOutcome(received);
      },
    },
  ];
  const close = async (): Promise<void> => {
    await server.stop();
    await rm(directory, { recursive: true });
  };
  return { targets, server, wire, authorization, close };
}

/** What TLS said at the end: the description of its alert (RFC 8446 6), or that it began a handshake. */
function tlsOutcome(received: Buffer): string {
  const kind = received.at(0);
  if (kind === undefined) return 'nothing';
  return kind === 0x15 ? `alert ${received.at(6)}` : `record ${kind}`;
}

/** All answers of a connection; throws where something else is among them, one is of 500, or something follows the last. */
function edgeAnswers(received: string, mayBeHead = false): readonly EdgeAnswer[] {
  const answers: EdgeAnswer[] = [];
  let rest = received;
  while (rest !== '') {
    const [, head = '', status = ''] =
      /^(HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n(?:[!-~]+: ?[^\r\n]*\r\n)*\r\n)/.exec(rest) ?? [];
    if (head === '') throw new Error(`no answer: ${JSON.stringify(rest.slice(0, 300))}`);
    if (answers.at(-1)?.isLast)
      throw new Error(`an answer after the last: ${JSON.stringify(received.slice(-600))}`);
    if (Number(status) >= 500 && status !== '505')
      throw new Error(`answered ${JSON.stringify(rest.slice(0, 600))}`);
    rest = rest.slice(head.length);
    if (Number(status) < 200) continue;
    const length = Number(/^content-length: (\d+)\r$/im.exec(head)?.[1] ?? 0);
    const isBodiless = status === '204' || status === '304' || (mayBeHead && rest.startsWith('HTTP/1.1 '));
    if (!isBodiless) {
      if (rest.length < length && !mayBeHead)
        throw new Error(`an answer cut off: ${JSON.stringify(rest.slice(0, 300))}`);
      rest = rest.slice(length);
    }
    answers.push({ status: Number(status), isLast: /^connection: close\r$/im.test(head) });
  }
  return answers;
}
