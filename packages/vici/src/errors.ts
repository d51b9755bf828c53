import type { Message } from './message.ts';
import { ViciError } from './protocol-error.ts';

export { ViciError, ViciProtocolError } from './protocol-error.ts';

/** Why there was no answer: nobody listens, the connection went away, time was up, or this client was closed. */
export type NoAnswerReason = 'unreachable' | 'disconnected' | 'deadline' | 'closed';

/**
 * No answer. Whether the daemon carried the command out is unknown unless `reason` is `unreachable`. The connection it
 * happened on is gone; the next use opens another.
 */
export class ViciConnectionError extends ViciError {
  override readonly name = 'ViciConnectionError';
  readonly reason: NoAnswerReason;

  constructor(reason: NoAnswerReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** The daemon answered no: `success=no`. */
export class ViciCommandError extends ViciError {
  override readonly name = 'ViciCommandError';
  readonly command: string;
  /** The daemon's own words (`errmsg`); empty when it gave none. */
  readonly errmsg: string;
  /** The whole reply; some commands add numbers beside `errmsg`. */
  readonly reply: Message;

  constructor(command: string, errmsg: string, reply: Message) {
    super(`${command} was refused: ${errmsg === '' ? 'no reason given' : errmsg}`);
    this.command = command;
    this.errmsg = errmsg;
    this.reply = reply;
  }
}

/** The daemon has no command of this name: an older release, or a plugin that is not loaded. */
export class ViciUnknownCommandError extends ViciError {
  override readonly name = 'ViciUnknownCommandError';
  readonly command: string;

  constructor(command: string) {
    super(`the daemon knows no command ${command}`);
    this.command = command;
  }
}

/** The daemon has no event of this name, so a command cannot be streamed through it. */
export class ViciUnknownEventError extends ViciError {
  override readonly name = 'ViciUnknownEventError';
  readonly event: string;

  constructor(event: string) {
    super(`the daemon knows no event ${event}`);
    this.event = event;
  }
}
