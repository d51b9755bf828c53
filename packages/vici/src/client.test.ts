import { createConnection } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ViciClient, type ViciClientOptions } from './client.ts';
import {
  ViciCommandError,
  type ViciConnectionError,
  ViciProtocolError,
  ViciUnknownCommandError,
  ViciUnknownEventError,
} from './errors.ts';
import { ScriptedDaemon } from './scripted-daemon.ts';
import type { Timer } from './timing.ts';

let daemon: ScriptedDaemon;
const clients: ViciClient[] = [];

beforeEach(async () => {
  daemon = await ScriptedDaemon.start();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await daemon.stop();
});

function newClient(options: Partial<ViciClientOptions> = {}): ViciClient {
  const client = new ViciClient({ path: daemon.path, ...options });
  clients.push(client);
  return client;
}

/** A timer whose time passes only when a test says so. */
class ManualTimer {
  readonly #pending = new Map<symbol, { delayMs: number; callback: () => void }>();

  readonly timer: Timer = (delayMs, callback) => {
    const key = Symbol();
    this.#pending.set(key, { delayMs, callback });
    return () => this.#pending.delete(key);
  };

  get delaysMs(): readonly number[] {
    return [...this.#pending.values()].map(({ delayMs }) => delayMs);
  }

  /** Lets every timer of this delay run out. */
  fire(delayMs: number): void {
    for (const [key, pending] of this.#pending) {
      if (pending.delayMs !== delayMs) continue;
      this.#pending.delete(key);
      pending.callback();
    }
  }
}

const noAnswer = (reason: ViciConnectionError['reason']): object =>
  expect.objectContaining({ name: 'ViciConnectionError', reason });

describe('a command', () => {
  it('resolves with the reply', async () => {
    const reply = newClient().request('stats', { verbose: 'yes' });
    const connection = await daemon.accept();
    const packet = await connection.expect('command-request', 'stats');
    expect(packet.kind === 'command-request' && packet.message.yesNo('verbose')).toBe(true);
    connection.reply({ uptime: 'now' });
    expect((await reply).text('uptime')).toBe('now');
  });

  it('goes out only when the one before it is answered, in the order of the calls', async () => {
    const client = newClient();
    const replies = ['a', 'b', 'c'].map((command) => client.request(command));
    const connection = await daemon.accept();
    for (const command of ['a', 'b', 'c']) {
      await connection.expect('command-request', command);
      expect(connection.isQuiet).toBe(true);
      connection.reply({ answers: command });
    }
    expect((await Promise.all(replies)).map((reply) => reply.text('answers'))).toEqual(['a', 'b', 'c']);
    expect(client.counters).toMatchObject({ commandsSent: 3, connectionsOpened: 1 });
  });

  it('that the daemon answers with no rejects with its words and the reply, and spoils nothing', async () => {
    const client = newClient();
    const refused = client.request('unload-conn', { name: 'gw' });
    const connection = await daemon.accept();
    await connection.expect('command-request', 'unload-conn');
    connection.reply({ success: 'no', errmsg: "unload: connection 'gw' not found", matches: '0' });
    const error = await refused.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ViciCommandError);
    expect(error).toMatchObject({ command: 'unload-conn', errmsg: "unload: connection 'gw' not found" });
    expect(error instanceof ViciCommandError && error.reply.text('matches')).toBe('0');

    const next = client.request('version');
    await connection.expect('command-request', 'version');
    connection.reply();
    await next;
    expect(client.counters).toMatchObject({ commandsRefused: 1, commandsUnanswered: 0 });
  });

  it('that the daemon does not know rejects so, and spoils nothing', async () => {
    const client = newClient();
    const unknown = client.request('no-such');
    const connection = await daemon.accept();
    await connection.expect('command-request', 'no-such');
    connection.send({ kind: 'command-unknown' });
    await expect(unknown).rejects.toThrow(new ViciUnknownCommandError('no-such'));
    const next = client.request('stats');
    await connection.expect('command-request', 'stats');
    connection.reply();
    await next;
  });

  it('that does not fit into a packet rejects without touching the daemon', async () => {
    const tooMuch = Object.fromEntries(
      Array.from({ length: 9 }, (_, at) => [`k${at}`, new Uint8Array(65_000)]),
    );
    await expect(newClient().request('load-conn', tooMuch)).rejects.toThrow(RangeError);
    expect(daemon.isQuiet).toBe(true);
  });

  it('aborted in mid-command rejects with the reason and closes the connection; the next one reconnects', async () => {
    const client = newClient();
    const controller = new AbortController();
    const aborted = client.request('initiate', {}, { signal: controller.signal });
    const connection = await daemon.accept();
    await connection.expect('command-request', 'initiate');
    const next = client.request('stats');
    controller.abort(new Error('changed my mind'));
    await expect(aborted).rejects.toThrow('changed my mind');
    await connection.closed;

    const second = await daemon.accept();
    await second.expect('command-request', 'stats');
    second.reply({ fresh: 'yes' });
    expect((await next).yesNo('fresh')).toBe(true);
  });

  it('aborted while it waits for its turn leaves the one in flight alone and is never sent', async () => {
    const client = newClient();
    const first = client.request('first');
    const connection = await daemon.accept();
    await connection.expect('command-request', 'first');
    const controller = new AbortController();
    const queued = client.request('queued', {}, { signal: controller.signal });
    const last = client.request('last');
    controller.abort(new Error('not needed'));
    await expect(queued).rejects.toThrow('not needed');
    connection.reply();
    await first;
    await connection.expect('command-request', 'last');
    connection.reply();
    await last;
  });

  it('aborted before it is called never reaches the daemon', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(newClient().request('stats', {}, { signal })).rejects.toThrow('too late');
    expect(daemon.isQuiet).toBe(true);
  });

  it('past its deadline rejects as unanswered and closes the connection', async () => {
    const time = new ManualTimer();
    const client = newClient({ timer: time.timer });
    const late = client.request('initiate', {}, { deadlineMs: 700 });
    const connection = await daemon.accept();
    await connection.expect('command-request', 'initiate');
    time.fire(700);
    await expect(late).rejects.toEqual(noAnswer('deadline'));
    await connection.closed;
    expect(client.counters).toMatchObject({ commandsSent: 1, commandsUnanswered: 1 });
  });

  it('past its deadline in the queue names what held the connection, which goes on', async () => {
    const time = new ManualTimer();
    const client = newClient({ timer: time.timer });
    const slow = client.request('slow');
    const connection = await daemon.accept();
    await connection.expect('command-request', 'slow');
    const queued = client.request('queued', {}, { deadlineMs: 5 });
    time.fire(5);
    await expect(queued).rejects.toThrow('no answer to queued within 5 ms; slow held the connection');
    connection.reply();
    await slow;
  });

  it('is subject to its deadline also while a daemon that accepts does not answer the handshake', async () => {
    const time = new ManualTimer();
    const late = newClient({ timer: time.timer }).request('stats', {}, { deadlineMs: 700 });
    const connection = await daemon.acceptRaw();
    await connection.expect('command-request', 'version');
    time.fire(700);
    await expect(late).rejects.toEqual(noAnswer('deadline'));
    await connection.closed;
  });

  it('rejects at once when there is no daemon', async () => {
    await daemon.die();
    const client = newClient();
    await expect(client.request('stats')).rejects.toEqual(noAnswer('unreachable'));
    expect(client.counters).toMatchObject({ commandsSent: 0, connectionsFailed: 1 });
  });

  it('rejects when the daemon dies in mid-command, also inside a frame', async () => {
    const client = newClient();
    const unanswered = client.request('stats');
    const connection = await daemon.accept();
    await connection.expect('command-request', 'stats');
    connection.socket.end(Uint8Array.of(0, 0, 0, 9, 1));
    await expect(unanswered).rejects.toThrow('it ended inside a frame');
    await expect(unanswered).rejects.toEqual(noAnswer('disconnected'));
  });

  it.each([
    ['an empty frame', Uint8Array.of(0, 0, 0, 0)],
    ['a frame that is too long', Uint8Array.of(0xff, 0xff, 0xff, 0xff)],
    ['an unknown packet type', Uint8Array.of(0, 0, 0, 1, 99)],
    ['a malformed message', Uint8Array.of(0, 0, 0, 2, 1, 2)],
    ['an answer to something else', Uint8Array.of(0, 0, 0, 1, 5)],
  ])(
    'answered with %s rejects with ViciProtocolError; the next one uses a new connection',
    async (_, garbage) => {
      const client = newClient();
      const broken = client.request('stats');
      const connection = await daemon.accept();
      await connection.expect('command-request', 'stats');
      connection.socket.write(garbage);
      await expect(broken).rejects.toBeInstanceOf(ViciProtocolError);
      await connection.closed;

      const next = client.request('stats');
      const second = await daemon.accept();
      await second.expect('command-request', 'stats');
      second.reply();
      await next;
    },
  );

  it('never takes for its reply what a daemon said without being asked', async () => {
    const client = newClient();
    const first = client.request('first');
    const connection = await daemon.accept();
    await connection.expect('command-request', 'first');
    connection.reply();
    connection.reply({ stray: 'yes' });
    await first;
    // Both replies were written at once; a round trip elsewhere lets the second arrive.
    const other = newClient().request('version');
    const elsewhere = await daemon.accept();
    await elsewhere.expect('command-request', 'version');
    elsewhere.reply();
    await other;

    const next = client.request('second');
    const second = await daemon.accept();
    await second.expect('command-request', 'second');
    second.reply({ stray: 'no' });
    expect((await next).yesNo('stray')).toBe(false);
  });

  it('reads a reply that arrives byte by byte', async () => {
    const client = newClient();
    const reply = client.request('stats');
    const connection = await daemon.accept();
    await connection.expect('command-request', 'stats');
    connection.socket.setNoDelay(true);
    for (const byte of [0, 0, 0, 8, 1, 3, 1, 0x6b, 0, 2, 0x68, 0x69]) {
      await new Promise((resolve) => connection.socket.write(Uint8Array.of(byte), resolve));
    }
    expect((await reply).text('k')).toBe('hi');
  });
});

describe('reconnecting', () => {
  it('happens on the next use after the daemon was restarted', async () => {
    const client = newClient();
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
    const client = newClient({
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
    const client = newClient({ timer: time.timer, deadlineMs: Number.POSITIVE_INFINITY });
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
    const client = newClient({ timer: time.timer, random: () => 0, deadlineMs: Number.POSITIVE_INFINITY });
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

describe('a streamed command', () => {
  it('yields its rows in order and returns the reply', async () => {
    const rows = newClient().stream('list-conns', 'list-conn');
    const first = rows.next();
    const connection = await daemon.accept();
    await connection.expect('event-register', 'list-conn');
    connection.send({ kind: 'event-confirm' });
    await connection.expect('command-request', 'list-conns');
    connection.event('list-conn', { row: '1' });
    connection.event('list-conn', { row: '2' });
    connection.reply({ total: '2' });
    expect((await first).value?.text('row')).toBe('1');
    expect((await rows.next()).value?.text('row')).toBe('2');
    const end = rows.next();
    await connection.expect('event-unregister', 'list-conn');
    connection.send({ kind: 'event-confirm' });
    const { done, value } = await end;
    expect(done).toBe(true);
    expect(value?.text('total')).toBe('2');
  });

  it('keeps queued commands out until it has ended', async () => {
    const client = newClient();
    const rows = client.list('list-sas', 'list-sa');
    const other = client.list('list-conns', 'list-conn');
    const command = client.request('stats');
    const connection = await daemon.accept();
    // serveStream insists on the order of what it receives.
    await connection.serveStream('list-sas', 'list-sa', [{ gw: {} }, { lab: {} }]);
    await connection.serveStream('list-conns', 'list-conn', []);
    await connection.expect('command-request', 'stats');
    connection.reply();
    expect((await rows).map((row) => row.entries[0]?.[0])).toEqual(['gw', 'lab']);
    expect(await other).toEqual([]);
    await command;
  });

  it('left early is read to its reply before the next command goes out', async () => {
    const client = newClient();
    const leaving = (async () => {
      for await (const row of client.stream('list-sas', 'list-sa')) return row.text('row');
      return 'no row';
    })();
    const connection = await daemon.accept();
    await connection.expect('event-register', 'list-sa');
    connection.send({ kind: 'event-confirm' });
    await connection.expect('command-request', 'list-sas');
    const next = client.request('stats');
    for (let row = 0; row < 1000; row += 1) connection.event('list-sa', { row: `${row}` });
    expect(connection.isQuiet).toBe(true);
    connection.reply();
    await connection.expect('event-unregister', 'list-sa');
    connection.send({ kind: 'event-confirm' });
    expect(await leaving).toBe('0');
    await connection.expect('command-request', 'stats');
    connection.reply();
    await next;
    expect(client.counters).toMatchObject({ connectionsOpened: 1, commandsUnanswered: 0 });
  });

  it('aborted rejects at once, and is read to its reply before the next command goes out', async () => {
    const client = newClient();
    const controller = new AbortController();
    const rows = client.stream('list-sas', 'list-sa', {}, { signal: controller.signal });
    const first = rows.next();
    const connection = await daemon.accept();
    await connection.expect('event-register', 'list-sa');
    connection.send({ kind: 'event-confirm' });
    await connection.expect('command-request', 'list-sas');
    connection.event('list-sa');
    await first;
    const second = rows.next();
    const next = client.request('stats');
    controller.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    connection.event('list-sa');
    connection.reply();
    await connection.expect('event-unregister', 'list-sa');
    connection.send({ kind: 'event-confirm' });
    await connection.expect('command-request', 'stats');
    connection.reply();
    await next;
  });

  it('aborted between two rows lets the next command through though nobody asks for rows any more', async () => {
    const client = newClient();
    const controller = new AbortController();
    const rows = client.stream('list-sas', 'list-sa', {}, { signal: controller.signal });
    const first = rows.next();
    const connection = await daemon.accept();
    const served = connection.serveStream('list-sas', 'list-sa', [{ row: '1' }, { row: '2' }, { row: '3' }]);
    await first;
    const next = client.request('stats');
    controller.abort(new Error('enough'));
    await served;
    await connection.expect('command-request', 'stats');
    connection.reply();
    await next;
    await expect(rows.next()).rejects.toThrow('enough');
  });

  it('past its deadline closes the connection, though its consumer sleeps, and lets the next command through', async () => {
    const time = new ManualTimer();
    const client = newClient({ timer: time.timer });
    const rows = client.stream('list-sas', 'list-sa', {}, { deadlineMs: 700 });
    const first = rows.next();
    const connection = await daemon.accept();
    await connection.expect('event-register', 'list-sa');
    connection.send({ kind: 'event-confirm' });
    await connection.expect('command-request', 'list-sas');
    connection.event('list-sa');
    await first;
    const next = client.request('stats');
    time.fire(700);
    await connection.closed;
    const second = await daemon.accept();
    await second.expect('command-request', 'stats');
    second.reply();
    await next;
    await expect(rows.next()).rejects.toEqual(noAnswer('deadline'));
  });

  it('yields what had arrived when the daemon died, then rejects', async () => {
    const client = newClient();
    const rows = client.stream('list-sas', 'list-sa');
    const first = rows.next();
    const connection = await daemon.accept();
    await connection.expect('event-register', 'list-sa');
    connection.send({ kind: 'event-confirm' });
    await connection.expect('command-request', 'list-sas');
    connection.event('list-sa', { row: '1' });
    connection.event('list-sa', { row: '2' });
    connection.socket.end();
    expect((await first).value?.text('row')).toBe('1');
    expect((await rows.next()).value?.text('row')).toBe('2');
    await expect(rows.next()).rejects.toEqual(noAnswer('disconnected'));
    expect(client.counters.commandsUnanswered).toBe(1);
  });

  it('stops to read the socket while its consumer is slow, and loses no row', async () => {
    const client = newClient();
    const rows = client.stream('list-conns', 'list-conn');
    const first = rows.next();
    const connection = await daemon.accept();
    const payload = new Uint8Array(60_000);
    const served = connection.serveStream(
      'list-conns',
      'list-conn',
      Array.from({ length: 200 }, (_, row) => ({ row: `${row}`, payload })),
    );
    expect((await first).value?.text('row')).toBe('0');

    // Time enough for 12 MB to arrive: round trips of another client through the same event loop.
    const other = newClient();
    const busy = (async () => {
      for (let trip = 0; trip < 500; trip += 1) await other.request('version');
    })();
    const elsewhere = await daemon.accept();
    for (let trip = 0; trip < 500; trip += 1) {
      await elsewhere.expect('command-request', 'version');
      elsewhere.reply();
    }
    await busy;
    expect(connection.socket.writableLength).toBeGreaterThan(10_000_000);

    const seen = [0];
    for await (const row of rows) seen.push(Number(row.text('row')));
    await served;
    expect(seen).toEqual(Array.from({ length: 200 }, (_, row) => row));
  });

  it('whose reply says no rejects after the rows, and spoils nothing', async () => {
    const client = newClient();
    const log: string[] = [];
    const initiating = (async () => {
      for await (const row of client.stream('initiate', 'control-log')) log.push(row.text('msg') ?? '');
    })();
    const connection = await daemon.accept();
    await connection.expect('event-register', 'control-log');
    connection.send({ kind: 'event-confirm' });
    await connection.expect('command-request', 'initiate');
    connection.event('control-log', { msg: 'early' });
    connection.reply({ success: 'no', errmsg: 'establishing failed' });
    await connection.expect('event-unregister', 'control-log');
    connection.event('control-log', { msg: 'late' });
    connection.send({ kind: 'event-confirm' });
    await expect(initiating).rejects.toThrow('initiate was refused: establishing failed');
    expect(log).toEqual(['early', 'late']);
    const next = client.request('stats');
    await connection.expect('command-request', 'stats');
    connection.reply();
    await next;
  });

  it('of an unknown event is not sent, and of an unknown command is taken back', async () => {
    const client = newClient();
    const unknownEvent = client.list('list-sas', 'no-event');
    const unknownCommand = client.list('no-command', 'list-sa');
    const connection = await daemon.accept();
    await connection.expect('event-register', 'no-event');
    connection.send({ kind: 'event-unknown' });
    await expect(unknownEvent).rejects.toThrow(new ViciUnknownEventError('no-event'));
    await connection.expect('event-register', 'list-sa');
    connection.send({ kind: 'event-confirm' });
    await connection.expect('command-request', 'no-command');
    connection.send({ kind: 'command-unknown' });
    await connection.expect('event-unregister', 'list-sa');
    connection.send({ kind: 'event-confirm' });
    await expect(unknownCommand).rejects.toThrow(new ViciUnknownCommandError('no-command'));
    expect(client.counters).toMatchObject({ connectionsOpened: 1, commandsRefused: 2 });
  });

  it('that is never iterated is never sent and holds up nothing', async () => {
    const client = newClient();
    client.stream('list-sas', 'list-sa');
    const next = client.request('stats');
    const connection = await daemon.accept();
    await connection.expect('command-request', 'stats');
    connection.reply();
    await next;
    expect(connection.isQuiet).toBe(true);
  });
});

describe('closing the client', () => {
  it('rejects what is in flight, queued, streaming and called later', async () => {
    const client = newClient();
    const events = client.events(['log']);
    const eventConnection = await daemon.accept();
    await eventConnection.expect('event-register', 'log');
    eventConnection.send({ kind: 'event-confirm' });
    const nextEvent = (await events)[Symbol.asyncIterator]().next();
    const inFlight = client.request('stats');
    const queued = client.request('stats');
    const streamed = client.list('list-sas', 'list-sa');
    const connection = await daemon.accept();
    await connection.expect('command-request', 'stats');
    client.close();
    for (const call of [nextEvent, inFlight, queued, streamed, client.request('stats'), client.ready()]) {
      await expect(call).rejects.toEqual(noAnswer('closed'));
    }
    await connection.closed;
    await eventConnection.closed;
  });
});
