import { ConnectionError, UnavailableError } from '@esplanade/sdk';
import { UnreachedError } from '@esplanade/sdk/node';
import { CommandError } from '../exit-status.ts';

/** Whether a failure may pass while somebody looks on: the server or the way there is away. One that is not trusted stays so. */
export function isPassing(error: unknown): boolean {
  const failure = error instanceof CommandError ? error.cause : error;
  return (
    failure instanceof UnavailableError ||
    failure instanceof UnreachedError ||
    (failure instanceof ConnectionError && failure.mayPass)
  );
}
