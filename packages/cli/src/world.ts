import type { Api } from '@esplanade/sdk';
import type { Arguments, Command, CommandEntry } from './command.ts';
import type { Terminal } from './terminal.ts';

/** What a command line is executed in. */
export interface World {
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Which commands there are. */
  readonly commands: readonly CommandEntry[];
  /** What lines begin with that are told to be typed: nothing in our own shell. */
  readonly program?: string;
  /** Opens the API for the connection parameters that were given; where it is not given, as the profile says. */
  readonly connect?: (given: Arguments) => Promise<Api>;
}

/** How far a line was understood, for the sentence when it fails. */
export interface Progress {
  path: readonly string[];
  command?: Command;
  given?: Arguments;
  /** The connection of the line. */
  api?: () => Promise<Api>;
}
