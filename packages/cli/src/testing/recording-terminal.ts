import { CommandError, exitStatus } from '../exit-status.ts';
import type { Screen, Terminal } from '../terminal.ts';

/** A terminal for tests: keeps what was written, and answers what is asked from a list. */
export interface RecordingTerminal extends Terminal {
  columns: number;
  rows: number;
  /** Everything on standard output so far. */
  readonly output: string;
  /** Everything on standard error so far, questions too. */
  readonly notes: string;
  /** What an open screen showed last. */
  readonly frame: readonly string[];
  /** Types a key on the open screen. */
  press(key: string): void;
  resize(columns: number, rows: number): void;
}

/** What kind of terminal it is; all that is left out is as in a script: a pipe of unlimited width, and nobody to ask. */
export interface RecordingTerminalOptions {
  /** A terminal of so many columns. */
  readonly columns?: number;
  readonly rows?: number;
  readonly hasColour?: boolean;
  /** Somebody sits there, and says this, one after the other. */
  readonly answers?: readonly string[];
  readonly input?: string;
}

/** Makes one. */
export function recordingTerminal(options: RecordingTerminalOptions = {}): RecordingTerminal {
  const isTerminal = options.columns !== undefined;
  const answers = [...(options.answers ?? [])];
  let output = '';
  let notes = '';
  let frame: readonly string[] = [];
  let screen: { readonly onKeys: ((key: string) => void)[]; readonly onResizes: (() => void)[] } | undefined;
  const answer = async (question: string, signal: AbortSignal): Promise<string> => {
    signal.throwIfAborted();
    notes += question;
    const next = answers.shift();
    if (next === undefined) {
      throw new CommandError(exitStatus.misused, `Nobody can be asked “${question.trim()}” here.`);
    }
    return next;
  };
  const openScreen = (): Screen => {
    const opened = { onKeys: [] as ((key: string) => void)[], onResizes: [] as (() => void)[] };
    screen = opened;
    return {
      onKey: (listener) => void opened.onKeys.push(listener),
      onResize: (listener) => void opened.onResizes.push(listener),
      draw: (lines) => {
        frame = lines;
      },
      close: () => {
        screen = undefined;
      },
    };
  };
  return {
    isTerminal,
    canAsk: options.answers !== undefined,
    isInputTerminal: options.answers !== undefined && options.input === undefined,
    columns: options.columns ?? 80,
    rows: options.rows ?? 24,
    get lineLimit() {
      return isTerminal ? this.columns : Number.POSITIVE_INFINITY;
    },
    hasColour: options.hasColour ?? false,
    get output() {
      return output;
    },
    get notes() {
      return notes;
    },
    get frame() {
      return frame;
    },
    write: (text) => {
      output += text;
    },
    drained: async () => undefined,
    note: (text) => {
      notes += text;
    },
    askSecret: answer,
    ask: answer,
    readInput: async () => options.input ?? '',
    openScreen: async () => (isTerminal ? openScreen() : undefined),
    press: (key) => {
      for (const listener of screen?.onKeys ?? []) listener(key);
    },
    resize(columns, rows) {
      this.columns = columns;
      this.rows = rows;
      for (const listener of screen?.onResizes ?? []) listener();
    },
  };
}
