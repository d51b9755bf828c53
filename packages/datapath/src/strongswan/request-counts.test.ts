import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CharonSession } from './charon-session.ts';
import { RequestCounts } from './request-counts.ts';

/** A session with whatever is at the socket, and the counts it is told to. */
async function session(daemon: 'none' | 'knows no command') {
  const directory = await mkdtemp(join(tmpdir(), 'esplanade-counts-'));
  const socketPath = join(directory, 'vici');
  if (daemon !== 'none') {
    // CMD_UNKNOWN (2) in a packet of one byte, to whatever is asked.
    const server = createServer((socket) =>
      socket.on('data', () => socket.write(Buffer.from([0, 0, 0, 1, 2]))),
    );
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    onTestFinished(() => void server.close());
  }
  const counts = new RequestCounts();
  const { sent, failed } = counts.of('charon');
  const charon = new CharonSession({ socketPath, onRequest: sent, onFailure: failed });
  onTestFinished(async () => {
    charon.close();
    await rm(directory, { recursive: true });
  });
  return { charon, counts };
}

test('a command to which no answer came is counted as such', async () => {
  const { charon, counts } = await session('none');
  await expect(charon.request('stats', {})).rejects.toThrow('gives no answer');
  await expect(charon.request('stats', {})).rejects.toThrow('gives no answer');
  expect(counts.all()).toEqual([{ daemon: 'charon', command: 'stats', count: 2, refused: 0, unanswered: 2 }]);
});

test('so is one that was refused', async () => {
  const { charon, counts } = await session('knows no command');
  await expect(charon.request('no-such-command', {})).rejects.toThrow('refused');
  expect(counts.all()).toEqual([
    { daemon: 'charon', command: 'no-such-command', count: 1, refused: 1, unanswered: 0 },
  ]);
});
