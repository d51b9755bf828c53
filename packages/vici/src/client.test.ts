import { beforeEach, describe, expect, it } from 'vitest';
import { newClient, noAnswer, startDaemon } from './client.fixture.ts';
import { ViciCommandError, ViciProtocolError, ViciUnknownCommandError } from './errors.ts';
import type { ScriptedDaemon } from './scripted-daemon.ts';

let daemon: ScriptedDaemon;

beforeEach(async () => {
  daemon = await startDaemon();
});

describe('a command', () => {
  it('resolves with the reply', async () => {
    const reply = newClient(daemon).request('stats', { verbose: 'yes' });
    const connection = await daemon.accept();
    const packet = await connection.expect('command-request', 'stats');
    expect(packet.kind === 'command-request' && packet.message.yesNo('verbose')).toBe(true);
    connection.reply({ uptime: 'now' });
    expect((await reply).text('uptime')).toBe('now');
  });

  it('goes out only when the one before it is answered, in the order of the calls', async () => {
    const client = newClient(daemon);
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
    const client = newClient(daemon);
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
    const client = newClient(daemon);
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
    await expect(newClient(daemon).request('load-conn', tooMuch)).rejects.toThrow(RangeError);
    expect(daemon.isQuiet).toBe(true);
  });

  it('rejects at once when there is no daemon', async () => {
    await daemon.die();
    const client = newClient(daemon);
    await expect(client.request('stats')).rejects.toEqual(noAnswer('unreachable'));
    expect(client.counters).toMatchObject({ commandsSent: 0, connectionsFailed: 1 });
  });

  it('rejects when the daemon dies in mid-command, also inside a frame', async () => {
    const client = newClient(daemon);
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
      const client = newClient(daemon);
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
    const client = newClient(daemon);
    const first = client.request('first');
    const connection = await daemon.accept();
    await connection.expect('command-request', 'first');
    connection.reply();
    connection.reply({ stray: 'yes' });
    await first;
    // Both replies were written at once; a round trip elsewhere lets the second arrive.
    const other = newClient(daemon).request('version');
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
    const client = newClient(daemon);
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

describe('closing the client', () => {
  it('rejects what is in flight, queued, streaming and called later', async () => {
    const client = newClient(daemon);
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
