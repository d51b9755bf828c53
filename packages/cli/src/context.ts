import type { Api } from '@esplanade/sdk';
import type { Output } from './output/output.ts';
import type { Terminal } from './terminal.ts';

/** The world of one command. */
export interface Context {
  /** The API of the profile that was chosen; asks for what is missing (a password) where somebody can answer. */
  api(): Promise<Api>;
  /** How records are shown: the format that was asked for, on this terminal. */
  readonly output: Output;
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}
