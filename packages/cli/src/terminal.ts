/** Where a person, or a pipe, is. */
export interface Terminal {
  /** Whether results go to a person: standard output is a terminal. */
  readonly isTerminal: boolean;
  /** Whether somebody can be asked: standard input and standard error are terminals. */
  readonly canAsk: boolean;
  /** Of standard output; 80 where it is no terminal and `COLUMNS` does not say otherwise. */
  readonly columns: number;
  readonly rows: number;
  /** Whether colour is wanted: a terminal, no `NO_COLOR`, no `TERM=dumb`. Colour never says what words do not. */
  readonly hasColour: boolean;
  /** Results. */
  write(text: string): void;
  /** What is no result: notices, progress, questions. Goes to standard error. */
  note(text: string): void;
  /** Asks without showing what is typed. Throws a CommandError `misused` where nobody can be asked. */
  askSecret(question: string, signal: AbortSignal): Promise<string>;
  /** Asks for a line. */
  ask(question: string, signal: AbortSignal): Promise<string>;
  /** All of standard input. */
  readInput(): Promise<string>;
}
