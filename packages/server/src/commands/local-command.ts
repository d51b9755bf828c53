/** An option of a local command, as help tells it. */
export interface LocalOption {
  /** Without dashes. */
  readonly name: string;
  /** What stands for the value; a switch has none. `a|b` are the words that it may be. */
  readonly value?: string;
  /** One line, without a full stop. */
  readonly help: string;
  /** What holds where it is not given. */
  readonly fallback?: string;
  /** May be given more than once. */
  readonly repeatable?: boolean;
  /** The environment variable that says the same. */
  readonly variable?: string;
}

/** A line to learn from; without the name of the program. */
export interface LocalExample {
  readonly line: string;
  readonly explains: string;
}

/** What was typed after the words of the command. */
export interface GivenLine {
  /** The file or whatever the command is about; there when the command says that it takes one. */
  readonly operand?: string;
  /** Options with their values: `--data-dir=/data`, `--verify`. */
  readonly options: readonly string[];
}

/**
 * Tells how far long work is, where a person looks on; each text takes the place of the one before. To be awaited before each
 * step: rejects when Ctrl-C has asked to stop, so that a step is done to its end and none is begun after it.
 */
export type Progress = (text: string) => Promise<void>;

/** Where a local command runs. */
export interface LocalWorld {
  readonly environment: NodeJS.ProcessEnv;
  /** Tells a result, on a line of its own. */
  readonly print: (result: string) => void;
  readonly progress: Progress;
}

/** A command that works on this machine, on the data directory of a server, and not through the API. */
export interface LocalCommand {
  /** Paragraphs of plain text. */
  readonly description: readonly string[];
  /** What the command is about, a bare word before or after its options. */
  readonly operand?: { readonly value: string; readonly help: string };
  readonly options: readonly LocalOption[];
  readonly examples: readonly LocalExample[];
  /** Does it. Throws LocalCommandError for what whoever typed it can mend. */
  run(given: GivenLine, world: LocalWorld): Promise<void>;
}

/** A local command in the table of all; the rest is loaded when it is asked for. */
export interface LocalCommandEntry {
  readonly words: readonly string[];
  /** One line, without a full stop. */
  readonly summary: string;
  readonly load: () => Promise<LocalCommand>;
}

/** A local command could not be carried out; the message says all. */
export class LocalCommandError extends Error {
  override readonly name = 'LocalCommandError';
  /** Whether the command or its settings are wrong, so that nothing was tried. */
  readonly isMisuse: boolean;

  constructor(isMisuse: boolean, message: string, options?: ErrorOptions) {
    super(message, options);
    this.isMisuse = isMisuse;
  }
}

/** Whether it is one, of whichever copy of this module: the built command and the server beside it have one each. */
export function isLocalCommandError(error: unknown): error is LocalCommandError {
  return error instanceof Error && error.name === 'LocalCommandError';
}
