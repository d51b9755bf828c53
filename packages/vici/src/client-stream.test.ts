import { beforeEach, describe, expect, it } from 'vitest';
import { newClient, noAnswer, startDaemon } from './client.fixture.ts';
import { ViciUnknownCommandError, ViciUnknownEventError } from './errors.ts';
import type { ScriptedDaemon } from './scripted-daemon.ts';

let daemon: ScriptedDaemon;

beforeEach(async () => {
  daemon = await startDaemon();
});

describe('a streamed command', () => {
  it('yields its rows in order and returns the reply', async () => {
    const rows = newClient(daemon).stream('list-conns', 'list-conn');
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
    const client = newClient(daemon);
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
    const client = newClient(daemon);
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

  it('yields what had arrived when the daemon died, then rejects', async () => {
    const client = newClient(daemon);
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
    const client = newClient(daemon);
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
    const other = newClient(daemon);
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
    const client = newClient(daemon);
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
    const client = newClient(daemon);
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
    const client = newClient(daemon);
    client.stream('list-sas', 'list-sa');
    const next = client.request('stats');
    const connection = await daemon.accept();
    await connection.expect('command-request', 'stats');
    connection.reply();
    await next;
    expect(connection.isQuiet).toBe(true);
  });
});
