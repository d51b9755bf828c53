import { once } from 'node:events';
import type { ReadStream, WriteStream } from 'node:tty';
import { CommandError, exitStatus } from './exit-status.ts';
import type { Terminal } from './terminal.ts';

/** The parts of `process` that a terminal is made of. */
export interface ProcessStreams {
  readonly stdin: NodeJS.ReadStream | ReadStream;
  readonly stdout: NodeJS.WriteStream | WriteStream;
  readonly stderr: NodeJS.WriteStream | WriteStream;
  readonly env: NodeJS.ProcessEnv;
}

const assumed = { columns: 80, rows: 24 };

/**
 * The terminal, pipe or file that a process was started on. `onEnd` is called when nothing written from then on goes
 * anywhere: whoever read the results has closed the pipe (`| head`), or, with the `reason`, they cannot be kept.
 */
export function nodeTerminal(streams: ProcessStreams, onEnd: (reason?: string) => void): Terminal {
  // The other two cost a start some time, and are looked at when they are used.
  const { stdout, env } = streams;
  let isListenedTo = false;
  const stderr = () => {
    if (!isListenedTo) {
      isListenedTo = true;
      // Nobody is there to be told that nobody reads what is told, and where it cannot be kept there is nowhere to say so.
      streams.stderr.on('error', (error: NodeJS.ErrnoException) => {
        if (!isReaderLost(error) && !isFull(error)) throw error;
      });
    }
    return streams.stderr;
  };
  const told = sizeTold(env['COLUMNS']);
  const isTerminal = stdout.isTTY === true;
  const canAsk = () => streams.stdin.isTTY === true && streams.stderr.isTTY === true;
  let hasEnded = false;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    hasEnded = true;
    onEnd(isReaderLost(error) ? undefined : unwritable(error));
  });
  const columns = () => (isTerminal && stdout.columns > 0 ? stdout.columns : (told ?? assumed.columns));
  /** Broken between words, and the answer behind it. */
  const readable = async (question: string): Promise<string> => {
    if (question.length < columns()) return question;
    const { wrap } = await import('./help-text.ts');
    return wrap(question, columns()).replace(/\n$/, '');
  };
  const mustAsk = (question: string) => {
    if (!canAsk()) {
      throw new CommandError(exitStatus.misused, `Nobody can be asked “${question.trim()}” here.`);
    }
  };
  return {
    isTerminal,
    get canAsk() {
      return canAsk();
    },
    get columns() {
      return columns();
    },
    get rows() {
      return isTerminal && stdout.rows > 0 ? stdout.rows : assumed.rows;
    },
    get lineLimit() {
      return isTerminal ? columns() : (told ?? Number.POSITIVE_INFINITY);
    },
    hasColour: isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
    write: (text) => {
      if (!hasEnded) stdout.write(text);
    },
    drained: async () => {
      if (stdout.writableNeedDrain && !hasEnded) {
        await Promise.race([once(stdout, 'drain'), once(stdout, 'close')]);
      }
    },
    note: (text) => {
      stderr().write(text);
    },
    askSecret: async (question, signal) => {
      mustAsk(question);
      const { readSecret } = await import('./terminal-input.ts');
      const text = await readable(question);
      try {
        return await readSecret(streams.stdin, signal, () => stderr().write(text));
      } finally {
        stderr().write('\n');
      }
    },
    ask: async (question, signal) => {
      mustAsk(question);
      stderr().write(await readable(question));
      const { readLine } = await import('./terminal-input.ts');
      try {
        return await readLine(streams.stdin, signal);
      } catch (error) {
        // Nobody pressed Enter.
        stderr().write('\n');
        throw error;
      }
    },
    get isInputTerminal() {
      return streams.stdin.isTTY === true;
    },
    readInput: async () => {
      const { readText } = await import('./input-text.ts');
      return readText('Standard input', streams.stdin);
    },
    openScreen: async () => {
      if (!isTerminal || streams.stdin.isTTY !== true) return undefined;
      const { openScreen } = await import('./terminal-screen.ts');
      return openScreen(streams.stdin, stdout);
    },
  };
}

/** The pipe is closed, or the terminal is. */
function isReaderLost({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || code === 'EIO';
}

function isFull({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
}

function unwritable(error: NodeJS.ErrnoException): string {
  const reason = isFull(error) ? 'no space left on device' : error.message;
  return `Cannot write the result: ${reason}.`;
}

function sizeTold(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined;
}
