import { ConnectionError } from '@esplanade/sdk';
import { describe, expect, it } from 'vitest';
import { exitStatus } from '../exit-status.ts';
import { recordingTerminal } from '../testing/recording-terminal.ts';
import { showLive } from './live.ts';
import { sa, sample, t0 } from './sample.fixture.ts';
import type { Sample } from './sample.ts';

describe('the live view', () => {
  async function living(looks: readonly (() => Sample)[], columns = 100) {
    const terminal = recordingTerminal({ columns, rows: 20 });
    const screen = await terminal.openScreen();
    if (screen === undefined) throw new Error('it is a terminal');
    const left = [...looks];
    const frames: (readonly string[])[] = [];
    const draw = (lines: readonly string[]) => {
      frames.push(lines);
      screen.draw(lines);
    };
    const ended = showLive({
      server: 'cluster1',
      everySeconds: 60,
      sorting: 'rate',
      terminal,
      screen: { ...screen, draw },
      signal: new AbortController().signal,
      first: sample(sa('nfs', 0, 0)),
      look: async () => {
        const next = left.shift();
        if (next === undefined) throw new Error('nobody should look any more');
        return next();
      },
    });
    const until = (text: string | RegExp) => expect.poll(() => terminal.frame.join('\n')).toMatch(text);
    return { terminal, ended, until, frames };
  }

  it('looks again, shows rates, and ends with q', async () => {
    const { terminal, ended, until } = await living([() => sample(sa('nfs', 4_000_000, 0, t0 + 2000))]);
    await until(/nfs .* {8}- {9}-/);
    terminal.press(' ');
    await until(/nfs .* 2\.0 MB\/s/);
    terminal.press('q');
    expect(await ended).toBe(exitStatus.done);
  });

  it('goes on while the server is away, and says so', async () => {
    const { terminal, ended, until } = await living([
      () => {
        throw new ConnectionError('Nobody listens there.');
      },
      () => sample(sa('smb', 0, 0, t0 + 2000)),
    ]);
    await until('nfs');
    terminal.press(' ');
    await until('Not current: Nobody listens there.');
    terminal.press(' ');
    await until('smb');
    expect(terminal.frame.join('\n')).not.toContain('Not current');
    terminal.press('\x03');
    expect(await ended).toBe(exitStatus.interrupted);
  });

  it('types a q into the filter, and follows the size of the screen', async () => {
    const { terminal, ended, until } = await living([]);
    await until('nfs');
    for (const key of '/q ') terminal.press(key);
    await until('Filter: q _');
    terminal.press('\x1b');
    terminal.resize(30, 10);
    const widest = () => Math.max(...terminal.frame.map((line) => line.length));
    await expect.poll(widest).toBeLessThanOrEqual(30);
    terminal.press('q');
    expect(await ended).toBe(exitStatus.done);
  });

  it('draws once what is typed at once', async () => {
    const { terminal, ended, until, frames } = await living([]);
    await until('nfs');
    const before = frames.length;
    for (const key of '/policy') terminal.press(key);
    await until('Filter: policy_');
    expect(frames.length).toBe(before + 1);
    terminal.press('\x03');
    expect(await ended).toBe(exitStatus.interrupted);
  });
});
