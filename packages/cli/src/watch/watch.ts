import { setTimeout as pause } from 'node:timers/promises';
import { CommandError, type ExitStatus, exitStatus } from '../exit-status.ts';
import { paint } from '../output/colour.ts';
import type { OutputFormat } from '../output/output.ts';
import { printable } from '../output/printable.ts';
import { timeText } from '../output/quantities.ts';
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
  /** Does it once, on the terminal that is handed to it. */
  readonly run: (terminal: Terminal, signal: AbortSignal) => Promise<ExitStatus>;
  /** Puts a failure into a sentence. */
  readonly tell: (error: unknown) => Promise<string>;
}

const longestSeconds = 86_400;

/**
 * Does a command every so many seconds. On a terminal each result takes the place of the one before, until `q` or Ctrl-C;
 * elsewhere they follow each other, for people each under the time. While the server is away it says so and goes on
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
  return (await onScreen(watched, first.text)) ?? appended(watched, first.text);
}

interface Attempt {
  readonly status: ExitStatus;
  readonly text: string;
}

async function attempt(
  { run, terminal }: Watched,
  signal: AbortSignal,
  isScreenOpen: boolean,
): Promise<Attempt> {
  const captured = capturing(terminal, isScreenOpen);
  const status = await run(captured.terminal, signal);
  return { status, text: captured.text() };
}

async function onScreen(watched: Watched, firstText: string): Promise<ExitStatus | undefined> {
  const { terminal, everySeconds, line, signal } = watched;
  const screen = await terminal.openScreen();
  if (screen === undefined) return undefined;
  const ended = new AbortController();
  const ending = AbortSignal.any([signal, ended.signal]);
  let hasQuit = false;
  let waiting = new AbortController();
  const pager = new Pager();
  let title = '';
  const draw = () => {
    const head = pager.headed(printable(title), timeText(new Date().toISOString()), terminal.columns);
    screen.draw([paint(head, 'faint', terminal), ...pager.page(terminal.columns, terminal.rows - 1)]);
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
  const everyText = `Every ${everySeconds} s: ${line}`;
  try {
    title = everyText;
    await pager.show(firstText, terminal);
    while (!ending.aborted) {
      draw();
      waiting = new AbortController();
      await pause(everySeconds * 1000, undefined, {
        signal: AbortSignal.any([ending, waiting.signal]),
      }).catch(ignoreAbort);
      if (ending.aborted) break;
      try {
        await pager.show((await attempt(watched, ending, true)).text, terminal);
        title = everyText;
      } catch (error) {
        if (ending.aborted) break;
        if (!isPassing(error)) throw error;
        title = `Not current: ${await watched.tell(error)}`;
      }
    }
  } finally {
    screen.close();
  }
  return hasQuit ? exitStatus.done : exitStatus.interrupted;
}

async function appended(watched: Watched, firstText: string): Promise<ExitStatus> {
  const { terminal, everySeconds, format, signal } = watched;
  const isExact = format === 'json' || format === 'yaml' || format === 'csv';
  const separator = () => {
    if (isExact) return format === 'yaml' ? '---\n' : '';
    return `${timeText(new Date().toISOString())}\n`;
  };
  terminal.write(separator() + firstText);
  while (!signal.aborted) {
    await terminal.drained();
    await pause(everySeconds * 1000, undefined, { signal }).catch(ignoreAbort);
    if (signal.aborted) break;
    try {
      const { text } = await attempt(watched, signal, false);
      terminal.write(separator() + text);
    } catch (error) {
      if (signal.aborted) break;
      if (!isPassing(error)) throw error;
      terminal.note(`${timeText(new Date().toISOString())} ${printable(await watched.tell(error))}\n`);
    }
  }
  return exitStatus.interrupted;
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
