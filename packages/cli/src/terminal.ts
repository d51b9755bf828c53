/** Where a person, or a pipe, is. */
export interface Terminal {
  /** Whether results go to a person: standard output is a terminal. */
  readonly isTerminal: boolean;
  /** Whether somebody can be asked: standard input and standard error are terminals. */
  readonly canAsk: boolean;
  /** Of standard output; 80 where it is no terminal and `COLUMNS` does not say otherwise. */
  readonly columns: number;
  readonly rows: number;
  /** What lines have to fit into: `columns` of a terminal or of `COLUMNS`, and no limit in a pipe or a file. */
  readonly lineLimit: number;
  /** Whether colour is wanted: a terminal, no `NO_COLOR`, no `TERM=dumb`. Colour never says what words do not. */
  readonly hasColour: boolean;
  /** Results. */
  write(text: string): void;
  /** Resolves when a slow reader has taken what was written: who writes much waits for it now and then. */
  drained(): Promise<void>;
  /** What is no result: notices, progress, questions. Goes to standard error. */
  note(text: string): void;
  /** Asks without showing what is typed, which is never empty. Throws a CommandError `misused` where nobody can be asked. */
  askSecret(question: string, signal: AbortSignal): Promise<string>;
  /** Asks for a line. */
  ask(question: string, signal: AbortSignal): Promise<string>;
  /** Whether standard input is a terminal, which shows what is typed unless it is asked for by `askSecret`. */
  readonly isInputTerminal: boolean;
  /** All of standard input. Throws a CommandError `misused` where that is not text in UTF-8, or has no end. */
  readInput(): Promise<string>;
  /** The whole screen and its keys, for views that are alive. Undefined where standard input or output is no terminal. */
  openScreen(): Promise<Screen | undefined>;
}

/** A screen of its own, as pagers have: what was there before comes back when it is closed. */
export interface Screen {
  /**
   * One key at a time, as an xterm sends it: `q`, `\x1b[A` for the arrow upwards, `\x1b[H` for Home, `\x03` for Ctrl-C, which
   * ends nothing by itself.
   */
  onKey(listener: (key: string) => void): void;
  onResize(listener: () => void): void;
  /** Shows these lines, which must fit, in place of what is there, without flicker. */
  draw(lines: readonly string[]): void;
  close(): void;
}
