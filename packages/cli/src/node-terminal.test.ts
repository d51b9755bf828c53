import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { nodeTerminal, type ProcessStreams } from './node-terminal.ts';

interface Kind {
  readonly isOutputTerminal?: boolean;
  readonly isInputTerminal?: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

/** The streams of a process, on terminals or not. */
function streams(
  { isOutputTerminal = false, isInputTerminal = false, env = {} }: Kind,
  onEnd: (reason?: string) => void = () => undefined,
) {
  const stdout = Object.assign(
    new PassThrough(),
    isOutputTerminal ? { isTTY: true, columns: 100, rows: 30 } : {},
  );
  const stderr = Object.assign(new PassThrough(), { isTTY: isOutputTerminal });
  const stdin = Object.assign(new PassThrough(), { isTTY: isInputTerminal });
  let hasReaderGone = false;
  const terminal = nodeTerminal({ stdin, stdout, stderr, env } as unknown as ProcessStreams, (reason) => {
    hasReaderGone = true;
    onEnd(reason);
  });
  return { terminal, stdin, stdout, stderr, hasReaderGone: () => hasReaderGone };
}

describe('how wide lines may be', () => {
  it.each<[string, Kind, number, number]>([
    ['a terminal', { isOutputTerminal: true }, 100, 100],
    ['a terminal, whatever COLUMNS says', { isOutputTerminal: true, env: { COLUMNS: '60' } }, 100, 100],
    ['a pipe', {}, 80, Number.POSITIVE_INFINITY],
    ['a pipe with COLUMNS', { env: { COLUMNS: '60' } }, 60, 60],
    ['a pipe with a COLUMNS that is no number', { env: { COLUMNS: 'wide' } }, 80, Number.POSITIVE_INFINITY],
  ])('of %s', (_, kind, columns, lineLimit) => {
    expect(streams(kind).terminal).toMatchObject({ columns, lineLimit });
  });

  it('follows the size of a terminal', () => {
    const { terminal, stdout } = streams({ isOutputTerminal: true });
    Object.assign(stdout, { columns: 50 });
    expect(terminal).toMatchObject({ columns: 50, lineLimit: 50 });
  });
});

describe('colour', () => {
  it.each<[string, Kind, boolean]>([
    ['a terminal', { isOutputTerminal: true, env: { TERM: 'xterm' } }, true],
    ['a terminal whose user wants none', { isOutputTerminal: true, env: { NO_COLOR: '1' } }, false],
    ['a terminal that has none', { isOutputTerminal: true, env: { TERM: 'dumb' } }, false],
    ['a pipe', { env: { TERM: 'xterm' } }, false],
  ])('on %s', (_, kind, hasColour) => {
    expect(streams(kind).terminal.hasColour).toBe(hasColour);
  });
});

describe('asking', () => {
  it('breaks a question between words, and leaves the answer behind it', async () => {
    const { terminal, stdin, stderr } = streams({ isOutputTerminal: true, isInputTerminal: true });
    const question = `${'Is this right? '.repeat(8)}[y/N] `;
    const answer = terminal.ask(question, new AbortController().signal);
    stdin.write('y\n');
    expect(await answer).toBe('y');
    const asked = String(stderr.read());
    expect(asked.replaceAll('\n', ' ')).toBe(question);
    expect(asked.split('\n').map(({ length }) => length <= 100)).toEqual([true, true]);
  });

  const never = new AbortController().signal;

  it.each<[string, (stdin: PassThrough, abort: AbortController) => void]>([
    ['Ctrl-C', (_, abort) => abort.abort()],
    ['Ctrl-D', (stdin) => void stdin.end()],
  ])('that %s gives up leaves what comes next a line of its own', async (_, giveUp) => {
    const { terminal, stdin, stderr } = streams({ isOutputTerminal: true, isInputTerminal: true });
    const abort = new AbortController();
    const asked = terminal.ask('Name: ', abort.signal);
    giveUp(stdin, abort);
    await expect(asked).rejects.toThrow();
    expect(String(stderr.read())).toBe('Name: \n');
  });

  it('is refused as misuse where nobody is there', async () => {
    const { terminal, stderr } = streams({ isOutputTerminal: true });
    expect(terminal.canAsk).toBe(false);
    await expect(terminal.ask('Name: ', never)).rejects.toMatchObject({ status: 2 });
    await expect(terminal.askSecret('Password: ', never)).rejects.toThrow(
      'Nobody can be asked “Password:” here.',
    );
    expect(stderr.read()).toBeNull();
  });

  it('goes to standard error, so that results stay results', async () => {
    const { terminal, stdin, stdout, stderr } = streams({ isOutputTerminal: true, isInputTerminal: true });
    const asked = terminal.ask('Name: ', never);
    stdin.write('cluster1\n');
    expect(await asked).toBe('cluster1');
    expect(String(stderr.read())).toBe('Name: ');
    expect(stdout.read()).toBeNull();
  });
});

describe('a reader that goes away', () => {
  it('is told of once, and nothing is written to it any more', () => {
    const { terminal, stdout, hasReaderGone } = streams({});
    stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(hasReaderGone()).toBe(true);
    terminal.write('more');
    expect(stdout.read()).toBeNull();
  });

  it('is not what a full disk is', () => {
    const reasons: (string | undefined)[] = [];
    const { stdout } = streams({}, (reason) => reasons.push(reason));
    stdout.emit('error', Object.assign(new Error('ENOSPC: write'), { code: 'ENOSPC' }));
    expect(reasons).toEqual(['Cannot write the result: no space left on device.']);
  });
});

describe('input', () => {
  it('is read to its end', async () => {
    const { terminal, stdin } = streams({});
    stdin.end(Buffer.from('a key\nof two lines ä\n'));
    expect(await terminal.readInput()).toBe('a key\nof two lines ä\n');
  });

  it('has no byte order mark', async () => {
    const { terminal, stdin } = streams({});
    stdin.end(Buffer.from('\ufeffhunter2\n'));
    expect(await terminal.readInput()).toBe('hunter2\n');
  });

  it.each([
    ['that is not UTF-8', Buffer.from('p\xe4sswort12', 'latin1'), 'it is not text in UTF-8'],
    ['that breaks off within a character', Buffer.from('pä').subarray(0, 2), 'it is not text in UTF-8'],
    ['that does not end', Buffer.alloc(16 * 1024 * 1024 + 1), 'it is larger than 16 MiB'],
  ])('%s is refused', async (_, bytes, reason) => {
    const { terminal, stdin } = streams({});
    stdin.end(bytes);
    await expect(terminal.readInput()).rejects.toMatchObject({
      status: 2,
      message: `Standard input cannot be read: ${reason}.`,
    });
  });

  it.each([true, false])('tells whether it is typed: %s', (isInputTerminal) => {
    expect(streams({ isInputTerminal }).terminal.isInputTerminal).toBe(isInputTerminal);
  });
});
