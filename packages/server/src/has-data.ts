import { statSync } from 'node:fs';
import { join } from 'node:path';
import { systemReasonOf, UsageError } from './settings.ts';

/**
 * Whether a directory has a server's data, for offline commands. Throws UsageError where that cannot be known, as in a directory
 * of another user.
 */
export function hasData(dataDirectory: string): boolean {
  try {
    return statSync(join(dataDirectory, 'store.db'), { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw new UsageError(`--data-dir: ${dataDirectory} cannot be looked into: ${systemReasonOf(error)}.`, {
      cause: error,
    });
  }
}
