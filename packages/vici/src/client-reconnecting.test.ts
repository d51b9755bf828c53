import { createConnection } from 'node:net';
import { beforeEach, describe, expect, it } from 'vitest';
import { newClient, noAnswer, startDaemon } from './client.fixture.ts';
import { ManualTimer } from './manual-timer.fixture.ts';
import type { ScriptedDaemon } from './scripted-daemon.ts';

let daemon: ScriptedDaemon;

beforeEach(async () => {
  daemon = await startDaemon();
});

describe('reconnecting', () => {
  it('happens on the next use after the daemon was restarted', async () => {
    const client = newClient(daemon);
    const before = client.request('stats');
    const first = await daemon.accept();
    await first.expect('command-request', 'stats');
    first.reply();
    await before;

    const broken = client.request('stats');
    await first.expect('command-request', 'stats');
    await daemon.die();
    await expect(broken).rejects.toEqual(noAnswer('disconnected'));
    await expect(client.request('stats')).rejects.toEqual(noAnswer('unreachable'));

    await daemon.listen();
    const after = client.request('stats');
    const second = await daemon.accept();
    await second.expect('command-request', 'stats');
    second.reply();
    await after;
    expect(client.counters).toMatchObject({
      connectionsOpened: 2,
      connectionsFailed: 1,
      commandsUnanswered: 1,
    });
  });

  it('waits longer each time up to the bound, less jitter, until the daemon answers', async () => {
    const time = new ManualTimer();
    await daemon.die();
    const client = newClient(daemon, {
      timer: time.timer,
      random: () => 0.5,
      backoff: { initialMs: 100, maxMs: 400 },
      deadlineMs: Number.POSITIVE_INFINITY,
    });
    const ready = client.ready();
    for (const delayMs of [75, 150, 300, 300]) {
      await expect.poll(() => time.delaysMs).toEqual([delayMs]);
      time.fire(delayMs);
    }
    await expect.poll(() => time.delaysMs).toEqual([300]);
    await daemon.listen();
    time.fire(300);
    const connection = await daemon.accept();
    await connection.expect('command-request', 'version');
    connection.reply({ version: '5.9.8' });
    expect((await ready).text('version')).toBe('5.9.8');
  });

  it('stops to wait when the signal aborts', async () => {
    const time = new ManualTimer();
    await daemon.die();
    const controller = new AbortController();
    const client = newClient(daemon, { timer: time.timer, deadlineMs: Number.POSITIVE_INFINITY });
    const ready = client.ready(controller.signal);
    await expect.poll(() => time.delaysMs).toHaveLength(1);
    controller.abort(new Error('shutting down'));
    await expect(ready).rejects.toThrow('shutting down');
    expect(time.delaysMs).toEqual([]);
  });

  it('waits while the daemon has no room for another connection', async () => {
    await daemon.die();
    await daemon.listen(1);
    // These connect within one turn of the event loop, in which the server accepts none.
    const crowd = Array.from({ length: 8 }, () =>
      createConnection({ path: daemon.path }).on('error', () => undefined),
    );
    const time = new ManualTimer();
    const client = newClient(daemon, {
      timer: time.timer,
      random: () => 0,
      deadlineMs: Number.POSITIVE_INFINITY,
    });
    const reply = client.request('stats');
    await expect.poll(() => time.delaysMs).toEqual([50]);
    expect(client.counters.connectionsFailed).toBe(1);
    for (const socket of crowd) socket.destroy();
    time.fire(50);
    for (;;) {
      const connection = await daemon.acceptRaw();
      const winner = await Promise.race([connection.receive(), connection.closed.then(() => undefined)]);
      if (winner === undefined) continue;
      connection.reply();
      await connection.expect('command-request', 'stats');
      connection.reply();
      break;
    }
    await reply;
  });
});
