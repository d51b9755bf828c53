import { ConflictError, type Listing, type Store, verifyLogEnds } from '@esplanade/store';
import { AuditLog, type AuditSource, auditLogName } from './audit-log.ts';
import { durableKeysWrite, makeDurableKeys, readDurableKeys } from './durable-keys.ts';
import { at } from './plan.ts';
import type { SecretBox } from './secret-box.ts';
import { type Seed, seedWrites } from './seed.ts';

/** All documents of a store that has its seed and its durable keys, and its audit log. */
export interface AuditedStore {
  readonly listing: Listing;
  readonly audit: AuditLog;
}

/**
 * Seeds a fresh store and gives durable keys to one of a former release, each in one commit that begins the audit log. Rejects
 * with StoreOpenError when the key file is not this data's; a log that was tampered with is told, and hinders nobody.
 */
export async function openAuditedStore(
  store: Store,
  box: SecretBox,
  seed: Seed,
  source: AuditSource,
): Promise<AuditedStore> {
  const listing = await store.list('');
  if (listing.documents.length === 0) {
    const durable = makeDurableKeys(box);
    const writes = seedWrites(seed, await seed.chooseDatapath(), durable, box);
    await unlessAnotherWasFirst(new AuditLog(store, durable.audit, source).begin(writes));
    return openAuditedStore(store, box, seed, source);
  }
  const stored = readDurableKeys(listing.documents, box);
  if (stored.kind === 'former') {
    const durable = makeDurableKeys(box, stored.document);
    const write = durableKeysWrite(durable, box, at(stored.document));
    await unlessAnotherWasFirst(new AuditLog(store, durable.audit, source).begin([write]));
    return openAuditedStore(store, box, seed, source);
  }
  box.useFingerprintKey(stored.keys.fingerprint);
  const ends = await verifyLogEnds({ store, log: auditLogName, linkKey: stored.keys.audit });
  if (ends.kind === 'broken')
    source.onBroken?.(
      `somebody has altered the audit log, at entry ${ends.index} or elsewhere: ${ends.sentence}. esplanade audit verify looks at all of it`,
    );
  return { listing, audit: new AuditLog(store, stored.keys.audit, source) };
}

/** Another server may open the same store: what it wrote counts. */
async function unlessAnotherWasFirst(commit: Promise<unknown>): Promise<void> {
  try {
    await commit;
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}
