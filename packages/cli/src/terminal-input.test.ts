import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readLine, readSecret } from './terminal-input.ts';

/** A keyboard: what is written to it was typed. */
function keyboard() {
  const modes: boolean[] = [];
  const typed = Object.assign(new PassThrough(), {
    fd: 0 as const,
    isTTY: true as const,
    isRaw: false,
    setRawMode(isRaw: boolean) {
      modes.push(isRaw);
      return this;
    },
  });
  return { typed: typed as unknown as NodeJS.ReadStream, type: (text: string) => typed.write(text), modes };
}

const never = new AbortController().signal;
const quiet = () => undefined;

describe('a secret', () => {
  it.each([
    ['is what was typed before Enter', 'pass wörd\r', 'pass wörd'],
    ['is corrected by Backspace, character for character', 'ab€\x7f\x7fc\n', 'ac'],
    ['begins anew with Ctrl-U', 'wrong\x15right\r', 'right'],
    ['has no arrows in it', 'a\x1b[Ab\x1bOBc\x1b[3~\r', 'abc'],
    ['has no control characters in it', 'a\x01\x02b\r', 'ab'],
  ])('%s', async (_, keys, secret) => {
    const { typed, type, modes } = keyboard();
    const asked = readSecret(typed, never, quiet);
    type(keys);
    expect(await asked).toBe(secret);
    expect(modes).toEqual([true, false]);
  });

  it('may come in pieces, in the middle of a character too', async () => {
    const { typed, type } = keyboard();
    const asked = readSecret(typed, never, quiet);
    const bytes = Buffer.from('ä1\r');
    for (const byte of bytes) typed.push(Buffer.from([byte]));
    type('');
    expect(await asked).toBe('ä1');
  });

  it.each([
    ['\x03', { name: 'CommandError', status: 130, message: 'Interrupted.' }],
    ['\x04', { name: 'CommandError', status: 2, message: 'Nothing was entered.' }],
  ])('is given up by a key, and the terminal echoes again', async (key, error) => {
    const { typed, type, modes } = keyboard();
    const asked = readSecret(typed, never, quiet);
    type(`abc${key}`);
    await expect(asked).rejects.toMatchObject(error);
    expect(modes).toEqual([true, false]);
  });

  it.each([
    ['nothing', Buffer.from('\r'), 'Nothing was entered.'],
    ['what is not UTF-8', Buffer.from('p\xe4ss\r', 'latin1'), 'What was entered is not text in UTF-8.'],
  ])('is not %s', async (_, keys, message) => {
    const { typed, modes } = keyboard();
    const asked = readSecret(typed, never, quiet);
    typed.push(keys);
    await expect(asked).rejects.toMatchObject({ status: 2, message });
    expect(modes).toEqual([true, false]);
  });

  it('is asked for when nothing is shown any more', async () => {
    const { typed, type, modes } = keyboard();
    const before: boolean[][] = [];
    const asked = readSecret(typed, never, () => before.push([...modes]));
    type('x\r');
    await asked;
    expect(before).toEqual([[true]]);
  });

  it('is given up by a signal', async () => {
    const { typed, modes } = keyboard();
    const abort = new AbortController();
    const asked = readSecret(typed, abort.signal, quiet);
    abort.abort();
    await expect(asked).rejects.toThrow('abort');
    expect(modes).toEqual([true, false]);
  });
});

describe('a line', () => {
  it('is what comes before its end', async () => {
    const { typed, type } = keyboard();
    const asked = readLine(typed, never);
    type('ye');
    type('s\r\n');
    expect(await asked).toBe('yes');
  });

  it('that never ends is none', async () => {
    const { typed, type } = keyboard();
    const asked = readLine(typed, never);
    type('ye');
    typed.push(null);
    await expect(asked).rejects.toThrow('Input ended before an answer.');
  });
});
