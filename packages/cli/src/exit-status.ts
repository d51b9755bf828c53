/** How the command ends; documented in docs/cli.md, and stable. */
export const exitStatus = {
  done: 0,
  /** It could not be done, for a reason that has no number of its own. */
  failed: 1,
  /** The command line is wrong: an unknown word or parameter, a value or a confirmation that is missing. Nothing was changed. */
  misused: 2,
  /** Nothing has that name, or matches. A `show` that matches nothing is `done`. */
  notFound: 3,
  /** Not logged in, a wrong password, or an account that may not do that. */
  notAllowed: 4,
  /** In conflict with what is there. */
  conflict: 5,
  /** The server refused a value. */
  invalid: 6,
  /** No answer from the server, or a certificate that is not the known one. */
  notReached: 7,
  /** The server answers, and cannot do it now. */
  unavailable: 8,
  /** Ctrl-C: what shells make of a command that SIGINT ended, as `main.ts` has it. */
  interrupted: 130,
} as const;

export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus];

/** A failure whose sentence says all that whoever typed the command needs. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly status: ExitStatus;

  constructor(status: ExitStatus, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** Somebody pressed Ctrl-C where the terminal makes no signal of it. */
export class InterruptedError extends CommandError {
  constructor() {
    super(exitStatus.interrupted, 'Interrupted.');
  }
}
