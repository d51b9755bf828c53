import type { NodeTransportOptions } from '@esplanade/sdk/node';
import type { Arguments } from '../command.ts';
import { CommandError, exitStatus } from '../exit-status.ts';

/** `-timeout SECONDS` for the transport; a connection is given 10 s of it at most. */
export function parseTimeout(
  given: Arguments,
): Pick<NodeTransportOptions, 'connectTimeoutMs' | 'answerTimeoutMs'> {
  const text = given.text('timeout');
  if (text === undefined) return {};
  const seconds = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > 86_400)
    throw new CommandError(exitStatus.misused, `-timeout takes 1 to 86400 seconds, not "${text}".`);
  return { connectTimeoutMs: Math.min(seconds, 10) * 1_000, answerTimeoutMs: seconds * 1_000 };
}
