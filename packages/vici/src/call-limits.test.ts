import { beforeEach, describe, expect, it } from 'vitest';
import { newClient, noAnswer, startDaemon } from './client.fixture.ts';
import { ManualTimer } from './manual-timer.fixture.ts';
import type { ScriptedDaemon } from './scripted-daemon.ts';

let daemon: ScriptedDaemon;

beforeEach(async () => {
  daemon = await startDaemon();
});

describe('a command', () => {
  it('aborted in mid-command rejects with the reason and closes the connection; the next one reconnects', async () => {
    const client = newClient(daemon);
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
    const client = newClient(daemon);
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
    await expect(newClient(daemon).request('stats', {}, { signal })).rejects.toThrow('too late');
    expect(daemon.isQuiet).toBe(true);
  });

  it('past its deadline rejects as unanswered and closes the connection', async () => {
    const time = new ManualTimer();
    const client = newClient(daemon, { timer: time.timer });
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
    const client = newClient(daemon, { timer: time.timer });
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
    const late = newClient(daemon, { timer: time.timer }).request('stats', {}, { deadlineMs: 700 });
    const connection = await daemon.acceptRaw();
    await connection.expect('command-request', 'version');
    time.fire(700);
    await expect(late).rejects.toEqual(noAnswer('deadline'));
    await connection.closed;
  });
});

describe('a streamed command', () => {
  it('aborted rejects at once, and is read to its reply before the next command goes out', async () => {
    const client = newClient(daemon);
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
    const client = newClient(daemon);
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
    const client = newClient(daemon, { timer: time.timer });
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
});
