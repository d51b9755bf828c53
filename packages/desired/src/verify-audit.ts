import { type LogMark, type LogVerdict, type Store, StoreOpenError, verifyLog } from '@esplanade/store';
import { auditLogName } from './audit-log.ts';
import { readDurableKeys } from './durable-keys.ts';
import { keys } from './keys.ts';
import type { SecretBox } from './secret-box.ts';

/** What to verify, and with which keys. */
export interface AuditToVerify {
  readonly store: Pick<Store, 'list' | 'readLog' | 'logHead'>;
  readonly secretBox: SecretBox;
  /** Entries that somebody noted elsewhere. */
  readonly marks?: readonly LogMark[];
}

/**
 * Tells whether the audit log of a store is as it was written; a server may go on writing. Rejects with StoreOpenError when the
 * key file is not this data's, or no server of this release has opened it yet.
 */
export async function verifyAudit({ store, secretBox, marks = [] }: AuditToVerify): Promise<LogVerdict> {
  const { documents } = await store.list(keys.durableKeys);
  const stored = readDurableKeys(documents, secretBox);
  if (stored.kind === 'former')
    throw new StoreOpenError(
      'the data is of an older Esplanade, which kept no audit log: start the server once',
    );
  return verifyLog({ store, log: auditLogName, linkKey: stored.keys.audit, marks });
}
