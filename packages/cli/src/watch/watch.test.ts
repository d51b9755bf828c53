import { ConnectionError } from '@esplanade/sdk';
import { UnreachedError } from '@esplanade/sdk/node';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CommandError, exitStatus } from '../exit-status.ts';
import { type RecordingTerminal, recordingTerminal } from '../testing/recording-terminal.ts';
import { type Watched, watch } from './watch.ts';

/** Begins to watch something that tells how often it was done; `results` say what else it does. */
function watching(terminal: RecordingTerminal, changes: Partial<Watched> = {}) {
  const abort = new AbortController();
  let rounds = 0;
  const ended = watch({
    line: 'security ipsec policy show',
    everySeconds: 60,
    format: 'table',
    terminal,
    signal: abort.signal,
    run: async (given) => {
      rounds += 1;
      given.write(`round ${rounds}\n`);
      return exitStatus.done;
    },
    tell: async (error) => (error instanceof Error ? error.message : ''),
    ...changes,
  });
  return { ended, abort };
}

describe('watching on a terminal', () => {
  it('draws each result in place of the one before, and ends with q', async () => {
    const terminal = recordingTerminal({ columns: 60, rows: 10 });
    const { ended } = watching(terminal);
    await expect.poll(() => terminal.frame.slice(1)).toEqual(['round 1']);
    expect(terminal.frame[0]).toMatch(
      /^Every 60 s: security ipsec policy show +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/,
    );
    expect(terminal.frame[0]).toHaveLength(60);
    terminal.press(' ');
    await expect.poll(() => terminal.frame.slice(1)).toEqual(['round 2']);
    terminal.press('q');
    expect(await ended).toBe(exitStatus.done);
    expect(terminal.output).toBe('');
  });

  it('ends with Ctrl-C as interrupted, also in the middle of a round', async () => {
    const terminal = recordingTerminal({ columns: 60 });
    let rounds = 0;
    const { ended } = watching(terminal, {
      run: async (given, signal) => {
        rounds += 1;
        given.write('shown\n');
        if (rounds === 1) return exitStatus.done;
        const { promise, reject } = Promise.withResolvers<never>();
        signal.addEventListener('abort', () => reject(signal.reason));
        return promise;
      },
    });
    await expect.poll(() => terminal.frame.slice(1)).toEqual(['shown']);
    terminal.press(' ');
    await expect.poll(() => rounds).toBe(2);
    terminal.press('\x03');
    expect(await ended).toBe(exitStatus.interrupted);
  });

  it('lays out anew for another width', async () => {
    const terminal = recordingTerminal({ columns: 60 });
    const { ended } = watching(terminal, {
      run: async (given) => {
        given.write(`${given.columns} columns\n`);
        return exitStatus.done;
      },
    });
    await expect.poll(() => terminal.frame[1]).toBe('60 columns');
    terminal.resize(100, 30);
    await expect.poll(() => terminal.frame[1]).toBe('100 columns');
    terminal.press('q');
    await ended;
  });

  it('scrolls what is longer than the screen, and says where one is', async () => {
    const terminal = recordingTerminal({ columns: 60, rows: 5 });
    const { ended } = watching(terminal, {
      run: async (given) => {
        given.write(Array.from({ length: 10 }, (_, index) => `line ${index + 1}\n`).join(''));
        return exitStatus.done;
      },
    });
    await expect.poll(() => terminal.frame).toHaveLength(5);
    expect(terminal.frame.slice(1)).toEqual([
      'line 1',
      'line 2',
      'line 3',
      'Lines 1-3 of 10; arrow keys scroll, q ends',
    ]);
    terminal.press('\x1b[B');
    expect(terminal.frame[1]).toBe('line 2');
    terminal.press('\x1b[F');
    expect(terminal.frame.slice(1, 4)).toEqual(['line 8', 'line 9', 'line 10']);
    terminal.press('\x1b[5~');
    expect(terminal.frame[1]).toBe('line 5');
    terminal.press('\x1b[A');
    expect(terminal.frame[1]).toBe('line 4');
    terminal.press('q');
    await ended;
  });

  it('keeps what was last seen while the server is away, says since when and why, and goes on', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date(2026, 10, 22, 4, 12, 14) });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const terminal = recordingTerminal({ columns: 60 });
    let rounds = 0;
    const { ended } = watching(terminal, {
      run: async (given) => {
        rounds += 1;
        if (rounds === 2) throw new ConnectionError('Nobody listens at 192.0.2.1 and is the server there?');
        given.write(`round ${rounds}\n`);
        return exitStatus.done;
      },
    });
    await expect.poll(() => terminal.frame[1]).toBe('round 1');
    vi.setSystemTime(new Date(2026, 10, 22, 4, 20));
    terminal.press(' ');
    await expect
      .poll(() => terminal.frame)
      .toEqual([
        expect.stringMatching(/^Every 60 s: .* 04:12:14$/),
        'Not current since 2026-11-22 04:12:14: Nobody listens at',
        '192.0.2.1 and is the server there?',
        'round 1',
      ]);
    terminal.press(' ');
    await expect.poll(() => terminal.frame[1]).toBe('round 3');
    expect(terminal.frame[0]).toMatch(/^Every 60 s: .* 04:20:00$/);
    terminal.press('q');
    await ended;
  });

  it('says so where the server itself gives what it last knew', async () => {
    const terminal = recordingTerminal({ columns: 60 });
    const { ended } = watching(terminal, {
      run: async (given, _signal, onIncomplete) => {
        onIncomplete({ message: 'These are the last known SAs.' });
        given.write('round\n');
        return exitStatus.done;
      },
    });
    await expect
      .poll(() => terminal.frame.slice(1))
      .toEqual(['Not current: These are the last known SAs.', 'round']);
    terminal.press('q');
    await ended;
  });

  it('says since when, where the server tells, and still when it is away too', async () => {
    const terminal = recordingTerminal({ columns: 80 });
    const observedAt = new Date(2026, 10, 22, 5, 2, 31).toISOString();
    let rounds = 0;
    const { ended } = watching(terminal, {
      run: async (given, _signal, onIncomplete) => {
        rounds += 1;
        if (rounds === 2) throw new ConnectionError('Nobody listens.');
        onIncomplete({ message: 'These are the last known SAs.' }, observedAt);
        given.write('round\n');
        return exitStatus.done;
      },
    });
    const since = 'Not current since 2026-11-22 05:02:31:';
    await expect
      .poll(() => terminal.frame.slice(1))
      .toEqual([`${since} These are the last known SAs.`, 'round']);
    terminal.press(' ');
    await expect.poll(() => terminal.frame.slice(1)).toEqual([`${since} Nobody listens.`, 'round']);
    terminal.press('q');
    await ended;
  });

  it('takes a server that the command explained to be away for away', async () => {
    const terminal = recordingTerminal({ columns: 80 });
    let rounds = 0;
    const { ended } = watching(terminal, {
      run: async () => {
        rounds += 1;
        if (rounds === 1) return exitStatus.done;
        const cause = new UnreachedError('timed-out', 'Nothing came in time.');
        throw new CommandError(exitStatus.notReached, 'Nothing came in time.', { cause });
      },
    });
    await expect.poll(() => terminal.frame.length).toBeGreaterThan(0);
    terminal.press(' ');
    await expect.poll(() => terminal.frame[1]).toMatch(/^Not current since .*: Nothing came in time\.$/);
    terminal.press('q');
    await ended;
  });

  it('ends with a failure that will not pass', async () => {
    const terminal = recordingTerminal({ columns: 80 });
    let rounds = 0;
    const { ended } = watching(terminal, {
      run: async () => {
        rounds += 1;
        if (rounds === 2) throw new CommandError(exitStatus.notAllowed, 'No more.');
        return exitStatus.done;
      },
    });
    const failed = expect(ended).rejects.toThrow('No more.');
    await expect.poll(() => terminal.frame.length).toBeGreaterThan(0);
    terminal.press(' ');
    await failed;
  });

  it('does not begin where the first time fails', async () => {
    const terminal = recordingTerminal({ columns: 80 });
    const { ended } = watching(terminal, {
      run: async () => {
        throw new ConnectionError('Nobody listens there.');
      },
    });
    await expect(ended).rejects.toThrow('Nobody listens there.');
    expect(terminal.frame).toEqual([]);
  });
});

describe('watching into a pipe', () => {
  it('appends each result under its time, until it is interrupted', async () => {
    const terminal = recordingTerminal();
    const { ended, abort } = watching(terminal, { everySeconds: 1 });
    await expect.poll(() => terminal.output).toContain('round 2');
    abort.abort();
    expect(await ended).toBe(exitStatus.interrupted);
    expect(terminal.output).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\nround 1\n\d{4}-.*\nround 2\n/);
  });

  it.each([
    ['json', '[\n  {\n    "name": "a  b"\n  }\n]\n', '[{"name": "a  b"}]\n[{"name": "a  b"}]\n'],
    ['yaml', '- name: a\n', '---\n- name: a\n---\n- name: a\n'],
    ['csv', 'name\na\n', 'name\na\na\n'],
  ] as const)('writes one document after the other in %s, and nothing else', async (format, text, twice) => {
    const terminal = recordingTerminal();
    const { ended, abort } = watching(terminal, {
      format,
      everySeconds: 1,
      run: async (captured) => {
        captured.write(text);
        return exitStatus.done;
      },
    });
    await expect.poll(() => terminal.output.length).toBeGreaterThanOrEqual(twice.length);
    abort.abort();
    await ended;
    expect(terminal.output.slice(0, twice.length)).toBe(twice);
  });

  it.each([0, -1, 1.5e9, Number.NaN])('refuses an interval of %s seconds', async (everySeconds) => {
    await expect(watching(recordingTerminal(), { everySeconds }).ended).rejects.toThrow('1 to 86400');
  });
});
