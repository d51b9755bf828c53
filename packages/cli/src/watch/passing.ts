import { mayPass } from '@esplanade/sdk';
import { CommandError } from '../exit-status.ts';

/** Whether a failure may pass while somebody looks on, also one that is told with what to do about it. */
export function isPassing(error: unknown): boolean {
  return mayPass(error instanceof CommandError ? error.cause : error);
}
