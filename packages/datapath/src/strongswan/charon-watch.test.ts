import { type DaemonConnection, ScriptedDaemon } from '@esplanade/vici/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../../test/support/eventually.ts';
import { CharonSession } from './charon-session.ts';
import { CharonWatch } from './charon-watch.ts';
import { SignOfLife } from './sign-of-life.ts';

const answerMs = 1_000;
/** Longer than a task may take until charon is asked whether it answers at all. */
const longTaskMs = 3_000;

let daemon: ScriptedDaemon;
let life: SignOfLife;
let other: CharonSession;
let watch: CharonWatch | undefined;

beforeEach(async () => {
  daemon = await ScriptedDaemon.start();
  life = new SignOfLife();
  other = new CharonSession({ socketPath: daemon.path, life });
});
afterEach(async () => {
  other.close();
  await watch?.close();
  await daemon.stop();
});

/** Begins to watch; resolves to the daemon's end of the connection for beats, once it counts as up. */
async function watching(everyMs: number): Promise<{ watch: CharonWatch; pulse: DaemonConnection }> {
  const begun = new CharonWatch({
    socketPath: daemon.path,
    life,
    eventNames: ['log'],
    onEvent: () => undefined,
    prepare: async () => undefined,
    onStatus: () => undefined,
    heartbeat: { everyMs, answerMs, commands: () => ['get-conns'], onReply: () => undefined },
  });
  watch = begun;
  const pulse = await daemon.accept();
  await pulse.expect('command-request', 'version');
  pulse.reply({ daemon: 'charon', version: '5.9.8' });
  const events = await daemon.accept();
  await events.expect('event-register', 'log');
  events.send({ kind: 'event-confirm' });
  await eventually('it is up', async () => begun.status.kind === 'up');
  return { watch: begun, pulse };
}

/** Asks on the other session, and answers. */
async function exchange(connection: DaemonConnection): Promise<void> {
  const answered = other.request('stats', {});
  await connection.expect('command-request', 'stats');
  connection.reply();
  await answered;
}

async function otherConnection(): Promise<DaemonConnection> {
  const answered = other.request('stats', {});
  const connection = await daemon.accept();
  await connection.expect('command-request', 'stats');
  connection.reply();
  await answered;
  return connection;
}

const isDown = (begun: CharonWatch) => async (): Promise<boolean> => begun.status.kind === 'down';

describe('a charon', () => {
  it('that is late with the answer to a beat only is asked again, and is down when it answers nothing at all', {
    timeout: 20_000,
  }, async () => {
    const { watch: begun, pulse } = await watching(20);
    await pulse.expect('command-request', 'get-conns');
    await otherConnection();
    const again = await daemon.accept();
    await again.expect('command-request', 'get-conns');
    expect(begun.status.kind).toBe('up');
    await eventually('it is down', isDown(begun));
  });

  it('that falls silent in the middle of a long task is found out before a beat is due', {
    timeout: 20_000,
  }, async () => {
    const { watch: begun, pulse } = await watching(600_000);
    const connection = await otherConnection();
    const ending = Promise.withResolvers<void>();
    const task = begun.whileAsking(() => ending.promise);
    const sinceMs = performance.now();
    await eventually('the task has taken long', async () => {
      await exchange(connection);
      return performance.now() - sinceMs > longTaskMs;
    });
    expect(begun.status.kind).toBe('up');
    expect(pulse.isQuiet).toBe(true);
    await eventually('it is down', isDown(begun));
    ending.resolve();
    await task;
  });
});
