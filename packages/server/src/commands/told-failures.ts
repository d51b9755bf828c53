import { StoreOpenError, UnavailableError } from '@esplanade/store';
import { systemReasonOf, UsageError } from '../settings.ts';
import { LocalCommandError } from './local-command.ts';

/** Of errors in commands, which are loaded when they are called. */
const namesForPeople: ReadonlySet<string> = new Set([
  'PurgeIncompleteError',
  'BackupError',
  'AuditBrokenError',
  'ListenError',
]);

/**
 * Does the work of a local command, with everything it writes private to its user. Failures whose message says all, where no
 * stack would help the one who reads it, become LocalCommandError.
 */
export async function withToldFailures(work: () => Promise<void>): Promise<void> {
  process.umask(0o077);
  try {
    becomeServiceUser();
    await work();
  } catch (error) {
    if (!isForPeople(error)) throw error;
    throw new LocalCommandError(error instanceof UsageError, sentenceOf(error), { cause: error });
  }
}

/**
 * What root asks of the server's data is done by the service's user where the package has named one (and a group of that name), so
 * that what is written is the service's. Commands that go through the API stay root's own.
 */
function becomeServiceUser(): void {
  const user = process.env['ESPLANADE_SERVICE_USER'];
  if (user === undefined || user === '' || process.getuid?.() !== 0) return;
  process.setgroups?.([user]);
  process.setgid?.(user);
  process.setuid?.(user);
}

function isForPeople(error: unknown): error is Error {
  return (
    error instanceof UsageError ||
    error instanceof StoreOpenError ||
    error instanceof UnavailableError ||
    (error instanceof Error && namesForPeople.has(error.name))
  );
}

/** The message with the reason behind it, unless it tells that already: that a page is damaged, SQLite alone can say. */
function sentenceOf({ message, cause }: Error): string {
  const reason = cause === undefined ? '' : systemReasonOf(cause);
  return message.includes(reason) ? message : `${message}: ${reason}`;
}
