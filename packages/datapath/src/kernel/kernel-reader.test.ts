import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KernelReaderClient } from './kernel-reader-client.ts';
import { onLines } from './lines.ts';
import { parseQuestion } from './protocol.ts';

let directory: string;
let socketPath: string;
let server: Server | undefined;
let client: KernelReaderClient | undefined;
const changed: string[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'esplanade-reader-'));
  socketPath = join(directory, 'reader.sock');
  changed.length = 0;
});
afterEach(async () => {
  await client?.close();
  server?.close();
  await rm(directory, { recursive: true });
});

const listen = async (serve: (socket: Socket) => void): Promise<void> => {
  server = createServer(serve);
  await new Promise<void>((resolve) => server?.listen(socketPath, resolve));
};
const reached = async (): Promise<KernelReaderClient> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  client = new KernelReaderClient({
    socketPath,
    onReached: resolve,
    onChanged: (table) => changed.push(table),
  });
  await promise;
  return client;
};

describe('the client of a kernel reader', () => {
  it('waits for a reader that is not there yet', async () => {
    const coming = reached();
    await listen((socket) => socket.resume());
    expect((await coming).isReached).toBe(true);
  });

  it('matches answers with questions, whatever is told in between and however it is cut', async () => {
    await listen((socket) =>
      onLines(socket, (line) => {
        const name = parseQuestion(line)?.read;
        const answer = `{"${name}":["first"],"more":true}\n{"changed":"states"}\n{"${name}":[],"more":false}\n`;
        for (const chunk of [answer.slice(0, 5), answer.slice(5, 40), answer.slice(40)]) socket.write(chunk);
      }),
    );
    const one = await reached();
    expect(await Promise.all([one.policies(), one.states()])).toEqual([['first'], ['first']]);
    expect(changed).toEqual(['states', 'states']);
  });

  it('says that a reader has gone or cannot read', async () => {
    await listen((socket) =>
      onLines(socket, (line) => {
        if (parseQuestion(line)?.read === 'states') socket.destroy();
        else socket.write('{"error":"Operation not permitted"}\n');
      }),
    );
    const one = await reached();
    await expect(one.policies()).rejects.toThrow(/Operation not permitted/);
    await expect(one.states()).rejects.toThrow(/does not answer/);
    expect(one.isReached).toBe(false);
  });
});

describe('a question to a kernel reader', () => {
  it.each(['', 'null', '7', '{"read":"keys"}', '{"read":', '[]'])('is not %o', (line) => {
    expect(parseQuestion(line)).toBeUndefined();
  });
});
