import type { Arguments } from '../command.ts';
import { CommandError, exitStatus } from '../exit-status.ts';

/** How long things may take; what is undefined is for the transport to say. */
export interface Timeouts {
  readonly connectTimeoutMs?: number | undefined;
  readonly answerTimeoutMs?: number | undefined;
  readonly jobTimeoutMs?: number | undefined;
}

/** `-timeout SECONDS` for an answer, and for what it begins; a connection is given 10 s of it at most. */
export function parseTimeout(given: Arguments): Timeouts {
  const text = given.text('timeout');
  if (text === undefined) return {};
  const seconds = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > 86_400)
    throw new CommandError(exitStatus.misused, `-timeout takes 1 to 86400 seconds, not "${text}".`);
  const ms = seconds * 1_000;
  return { connectTimeoutMs: Math.min(ms, 10_000), answerTimeoutMs: ms, jobTimeoutMs: ms };
}
