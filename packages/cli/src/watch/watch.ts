import { setTimeout as pause } from 'node:timers/promises';
import { CommandError, type ExitStatus, exitStatus } from '../exit-status.ts';
import { paint } from '../output/colour.ts';
import { notCurrent } from '../output/not-current.ts';
import { oneOfSeveral } from '../output/one-of-several.ts';
import type { OutputFormat } from '../output/output.ts';
import { printable } from '../output/printable.ts';
import { timeText } from '../output/quantities.ts';
import { wrapped } from '../output/text-width.ts';
import type { Terminal } from '../terminal.ts';
import { capturing } from './capturing-terminal.ts';
import { Pager } from './pager.ts';
import { isPassing } from './passing.ts';

/** A command that is to be shown again and again. */
export interface Watched {
  /** As it was typed, for the title. */
  readonly line: string;
  readonly everySeconds: number;
  readonly format: OutputFormat;
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Does it once, on the terminal that is handed to it; tells with what words the server calls its answer not current, and since when. */
  readonly run: (
    terminal: Terminal,
    signal: AbortSignal,
    onIncomplete: (told: { readonly message: string }, observedAt?: string) => void,
  ) => Promise<ExitStatus>;
  /** Puts a failure into a sentence. */
  readonly tell: (error: unknown) => Promise<string>;
}

const longestSeconds = 86_400;

/**
 * Does a command every so many seconds. On a terminal each result takes the place of the one before, until `q` or Ctrl-C;
 * elsewhere they follow each other, for people each under the time, for programs as documents or lines. While the server is away it says so and goes on
 * trying; a first failure, and any other, ends it.
 */
export async function watch(watched: Watched): Promise<ExitStatus> {
  const { everySeconds, terminal } = watched;
  if (!(everySeconds >= 1 && everySeconds <= longestSeconds)) {
    throw new CommandError(exitStatus.misused, `-watch takes 1 to ${longestSeconds} seconds.`);
  }
  // The first time may ask for a password, so it has the terminal as it is.
  const first = await attempt(watched, watched.signal, false);
  if (first.status !== exitStatus.done) {
    terminal.write(first.text);
    return first.status;
  }
  return (await onScreen(watched, first)) ?? appended(watched, first);
}

interface Attempt {
  readonly status: ExitStatus;
  readonly text: string;
  /** What the server says where it gives what was last known, and when that was so, where it tells. */
  readonly incomplete: { readonly why: string; readonly observedAt: string | undefined } | undefined;
  readonly atMs: number;
}

async function attempt(
  { run, terminal }: Watched,
  signal: AbortSignal,
  isScreenOpen: boolean,
): Promise<Attempt> {
  const captured = capturing(terminal, isScreenOpen);
  let incomplete: Attempt['incomplete'];
  const status = await run(captured.terminal, signal, ({ message }, observedAt) => {
    incomplete ??= { why: message, observedAt };
  });
  return { status, text: captured.text(), incomplete, atMs: Date.now() };
}

async function onScreen(watched: Watched, first: Attempt): Promise<ExitStatus | undefined> {
  const { terminal, everySeconds, line, signal } = watched;
  const screen = await terminal.openScreen();
  if (screen === undefined) return undefined;
  const ended = new AbortController();
  const ending = AbortSignal.any([signal, ended.signal]);
  let hasQuit = false;
  let waiting = new AbortController();
  const pager = new Pager();
  const everyText = printable(`Every ${everySeconds} s: ${line}`);
  let shown = first;
  let trouble = '';
  const take = async (attempt: Attempt): Promise<void> => {
    await pager.show(attempt.text, terminal);
    shown = attempt;
    const { incomplete } = attempt;
    trouble = incomplete === undefined ? '' : printable(notCurrent(incomplete.why, incomplete.observedAt));
  };
  const draw = () => {
    const { columns, rows } = terminal;
    // The time is that of the answer to be seen, not that of drawing it.
    const head = pager.headed(everyText, timeOf(shown.atMs), columns);
    const above = trouble === '' ? [] : wrapped(trouble, columns, (text) => text.length);
    screen.draw([
      paint(head, 'faint', terminal),
      ...above.map((told) => paint(told, 'bad', terminal)),
      ...pager.page(columns, Math.max(1, rows - 1 - above.length)),
    ]);
  };
  screen.onKey((key) => {
    if (key === 'q' || key === 'Q' || key === '\x03') {
      hasQuit = key !== '\x03';
      ended.abort();
    } else if (key === ' ' || key === '\r') waiting.abort();
    else if (pager.scroll(key, terminal.rows - 2)) draw();
  });
  // What was laid out for another width is asked for anew.
  screen.onResize(() => waiting.abort());
  try {
    await take(first);
    while (!ending.aborted) {
      draw();
      waiting = new AbortController();
      await pause(everySeconds * 1000, undefined, {
        signal: AbortSignal.any([ending, waiting.signal]),
      }).catch(ignoreAbort);
      if (ending.aborted) break;
      try {
        await take(await attempt(watched, ending, true));
      } catch (error) {
        if (ending.aborted) break;
        if (!isPassing(error)) throw error;
        const { incomplete, atMs } = shown;
        const currentAt = incomplete === undefined ? new Date(atMs).toISOString() : incomplete.observedAt;
        trouble = printable(notCurrent(await watched.tell(error), currentAt));
      }
    }
  } finally {
    screen.close();
  }
  return hasQuit ? exitStatus.done : exitStatus.interrupted;
}

async function appended(watched: Watched, first: Attempt): Promise<ExitStatus> {
  const { terminal, everySeconds, format, signal } = watched;
  const isExact = format === 'json' || format === 'yaml' || format === 'csv';
  let isFirst = true;
  const append = ({ text, incomplete, atMs }: Attempt) => {
    if (incomplete !== undefined) {
      const told = notCurrent(incomplete.why, incomplete.observedAt);
      terminal.note(`${timeOf(atMs)} ${printable(told)}\n`);
    }
    const time = isExact ? '' : `${timeOf(atMs)}\n`;
    terminal.write(time + oneOfSeveral(text, format, isFirst));
    isFirst = false;
  };
  append(first);
  while (!signal.aborted) {
    await terminal.drained();
    await pause(everySeconds * 1000, undefined, { signal }).catch(ignoreAbort);
    if (signal.aborted) break;
    try {
      append(await attempt(watched, signal, false));
    } catch (error) {
      if (signal.aborted) break;
      if (!isPassing(error)) throw error;
      terminal.note(`${timeOf(Date.now())} ${printable(await watched.tell(error))}\n`);
    }
  }
  return exitStatus.interrupted;
}

function timeOf(atMs: number): string {
  return timeText(new Date(atMs).toISOString());
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
