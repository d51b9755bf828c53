import { CommandError, type ExitStatus } from './exit-status.ts';

/** What was typed is none of those that there are; the sentence ends with the nearest of them. */
export class UnknownNameError extends CommandError {
  readonly typed: string;
  readonly candidates: readonly string[];

  constructor(status: ExitStatus, message: string, typed: string, candidates: readonly string[]) {
    super(status, message);
    this.typed = typed;
    this.candidates = candidates;
  }
}
