import { beforeEach, describe, expect, it } from 'vitest';
import { newClient, startDaemon } from './client.fixture.ts';
import type { ViciClient } from './client.ts';
import { ViciProtocolError } from './errors.ts';
import type { EventStream, ViciEvent } from './event-stream.ts';
import type { DaemonConnection, ScriptedDaemon } from './scripted-daemon.ts';

let daemon: ScriptedDaemon;
let client: ViciClient;

beforeEach(async () => {
  daemon = await startDaemon();
  client = newClient(daemon, { eventCapacity: 3 });
});

async function open(
  names: readonly string[],
  signal?: AbortSignal,
): Promise<{ stream: EventStream; connection: DaemonConnection }> {
  const opening = client.events(names, { signal });
  const connection = await daemon.accept();
  for (const name of names) {
    await connection.expect('event-register', name);
    connection.send({ kind: name === 'alert' ? 'event-unknown' : 'event-confirm' });
  }
  return { stream: await opening, connection };
}

const show = (event: ViciEvent | undefined): string =>
  event?.kind === 'event' ? `${event.name} ${event.message.text('n')}` : `overflow ${event?.dropped}`;

describe('an event stream', () => {
  it('yields events in order, with their names', async () => {
    const { stream, connection } = await open(['ike-updown', 'log']);
    const iterator = stream[Symbol.asyncIterator]();
    const waiting = iterator.next();
    connection.event('log', { n: '1' });
    connection.event('ike-updown', { n: '2' });
    expect(show((await waiting).value)).toBe('log 1');
    expect(show((await iterator.next()).value)).toBe('ike-updown 2');
    expect(client.counters).toMatchObject({ eventsReceived: 2, eventsDropped: 0 });
  });

  it('tells which names the daemon refused and goes on with the others', async () => {
    const { stream, connection } = await open(['ike-updown', 'alert', 'log']);
    expect(stream.registered).toEqual(['ike-updown', 'log']);
    expect(stream.refused).toEqual(['alert']);
    connection.event('log', { n: '1' });
    expect(show((await stream[Symbol.asyncIterator]().next()).value)).toBe('log 1');
  });

  it('keeps events that come while further names are being registered', async () => {
    const opening = client.events(['log', 'ike-updown']);
    const connection = await daemon.accept();
    await connection.expect('event-register', 'log');
    connection.send({ kind: 'event-confirm' });
    await connection.expect('event-register', 'ike-updown');
    connection.event('log', { n: 'early' });
    connection.send({ kind: 'event-confirm' });
    const stream = await opening;
    expect(show((await stream[Symbol.asyncIterator]().next()).value)).toBe('log early');
  });

  it('uses a connection of its own, so that commands go on beside it', async () => {
    const { connection } = await open(['log']);
    const reply = client.request('stats');
    const second = await daemon.accept();
    await second.expect('command-request', 'stats');
    second.reply();
    await reply;
    expect(connection.isQuiet).toBe(true);
  });

  it('says where and how many events are missing when its consumer was too slow', async () => {
    const { stream, connection } = await open(['log']);
    for (let n = 1; n <= 5; n += 1) connection.event('log', { n: `${n}` });
    await expect.poll(() => client.counters.eventsReceived).toBe(5);
    const iterator = stream[Symbol.asyncIterator]();
    const seen: string[] = [];
    for (let item = 0; item < 4; item += 1) seen.push(show((await iterator.next()).value));
    connection.event('log', { n: '6' });
    seen.push(show((await iterator.next()).value));
    expect(seen).toEqual(['log 1', 'log 2', 'log 3', 'overflow 2', 'log 6']);
    expect(client.counters.eventsDropped).toBe(2);
  });

  it('never puts an event before the note of what is missing ahead of it', async () => {
    const { stream, connection } = await open(['log']);
    for (let n = 1; n <= 4; n += 1) connection.event('log', { n: `${n}` });
    await expect.poll(() => client.counters.eventsReceived).toBe(4);
    const iterator = stream[Symbol.asyncIterator]();
    const seen = [show((await iterator.next()).value)];
    connection.event('log', { n: '5' });
    await expect.poll(() => client.counters.eventsReceived).toBe(5);
    for (let item = 0; item < 3; item += 1) seen.push(show((await iterator.next()).value));
    expect(seen).toEqual(['log 1', 'log 2', 'log 3', 'overflow 2']);
  });

  it('rejects when the daemon dies, after the events that had arrived', async () => {
    const { stream, connection } = await open(['log']);
    connection.event('log', { n: '1' });
    connection.socket.end();
    await stream.ended;
    const iterator = stream[Symbol.asyncIterator]();
    expect(show((await iterator.next()).value)).toBe('log 1');
    await expect(iterator.next()).rejects.toMatchObject({
      name: 'ViciConnectionError',
      reason: 'disconnected',
    });
  });

  it('rejects when something else than an event comes, and closes the connection', async () => {
    const { stream, connection } = await open(['log']);
    connection.reply();
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(ViciProtocolError);
    await connection.closed;
  });

  it('closes its connection when the consumer leaves the loop', async () => {
    const { stream, connection } = await open(['log']);
    connection.event('log', { n: '1' });
    for await (const event of stream) {
      expect(show(event)).toBe('log 1');
      break;
    }
    await connection.closed;
  });

  it('rejects with the reason of the signal, at once and in place of kept events', async () => {
    const controller = new AbortController();
    const { stream, connection } = await open(['log'], controller.signal);
    connection.event('log', { n: '1' });
    await expect.poll(() => client.counters.eventsReceived).toBe(1);
    controller.abort(new Error('shutting down'));
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toThrow('shutting down');
    await connection.closed;
  });

  it('aborted while it opens rejects and closes the connection', async () => {
    const controller = new AbortController();
    const opening = client.events(['log'], { signal: controller.signal });
    const connection = await daemon.accept();
    await connection.expect('event-register', 'log');
    controller.abort(new Error('never mind'));
    await expect(opening).rejects.toThrow('never mind');
    await connection.closed;
  });

  it('rejects on opening when the daemon dies in mid-registration', async () => {
    const opening = client.events(['log']);
    const connection = await daemon.accept();
    await connection.expect('event-register', 'log');
    connection.socket.destroy();
    await expect(opening).rejects.toMatchObject({ name: 'ViciConnectionError' });
  });
});
