import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { openScreen } from './terminal-screen.ts';

/** A screen on a terminal of tests, and what goes in and comes out there. */
function opened() {
  const modes: boolean[] = [];
  const input = Object.assign(new PassThrough(), {
    setRawMode(isRaw: boolean) {
      modes.push(isRaw);
      return this;
    },
  });
  const output = new PassThrough();
  const screen = openScreen(input as unknown as NodeJS.ReadStream, output as unknown as NodeJS.WriteStream);
  const keys: string[] = [];
  screen.onKey((key) => keys.push(key));
  const written = () => String(output.read() ?? '');
  return { screen, input, output, modes, keys, written };
}

describe('a screen', () => {
  it('is taken with its keys, and given back as it was', () => {
    const listeners = process.listenerCount('SIGTERM');
    const { screen, modes, written } = opened();
    expect(written()).toBe('\x1b[?1049h\x1b[?25l');
    screen.close();
    screen.close();
    expect(written()).toBe('\x1b[?25h\x1b[?1049l');
    expect(modes).toEqual([true, false]);
    expect(process.listenerCount('SIGTERM')).toBe(listeners);
  });

  it('is given back by a process that ends without closing it', () => {
    const { written } = opened();
    written();
    for (const listener of process.listeners('exit').slice(-1)) listener(0);
    expect(written()).toBe('\x1b[?25h\x1b[?1049l');
  });

  it('shows lines in place of what was there', () => {
    const { screen, written } = opened();
    written();
    screen.draw(['one', 'two']);
    expect(written()).toBe('\x1b[?2026h\x1b[Hone\x1b[K\r\ntwo\x1b[K\x1b[J\x1b[?2026l');
    screen.close();
    written();
    screen.draw(['late']);
    expect(written()).toBe('');
  });

  it('tells a resize', () => {
    const { screen, output } = opened();
    let resizes = 0;
    screen.onResize(() => {
      resizes += 1;
    });
    output.emit('resize');
    screen.close();
    output.emit('resize');
    expect(resizes).toBe(1);
  });

  it.each([
    ['characters', 'q/ä', ['q', '/', 'ä']],
    ['arrows', '\x1b[A\x1b[B', ['\x1b[A', '\x1b[B']],
    ['arrows in application mode', '\x1bOA', ['\x1b[A']],
    [
      'Home and End of each terminal',
      '\x1b[1~\x1bOH\x1b[H\x1b[4~\x1b[F',
      ['\x1b[H', '\x1b[H', '\x1b[H', '\x1b[F', '\x1b[F'],
    ],
    ['pages', '\x1b[5~\x1b[6~', ['\x1b[5~', '\x1b[6~']],
    ['Escape, Ctrl-C and Enter', '\x1b\x03\r', ['\x1b', '\x03', '\r']],
  ])('hands over %s', async (_, typed, expected) => {
    const { screen, input, keys } = opened();
    input.write(typed);
    await expect.poll(() => keys).toEqual(expected);
    screen.close();
  });
});
