import { ConflictError, type Document, type DocumentWrite, type Store } from '@esplanade/store';
import type { AuditLog } from './audit-log.ts';
import { keys } from './keys.ts';
import { countBySealingKey, mapSealedValues, sealedPrefixes } from './sealed-values.ts';
import type { SecretBox } from './secret-box.ts';

/** What is sealed anew, and who hears how far that is. */
export interface Resealing {
  readonly store: Pick<Store, 'list'>;
  readonly audit: Pick<AuditLog, 'commit'>;
  readonly box: SecretBox;
  /** Ends it between two commits. */
  readonly signal: AbortSignal;
  /** Told before each commit how many documents are still to be sealed anew. */
  readonly onRemaining: (documents: number) => void;
}

/** Small, so that other writers wait for none of them long. */
const documentsPerCommit = 100;

/**
 * Seals with the box's first key whatever is sealed with another, and resolves when nothing is. No change of anybody else is
 * overwritten, and no record changes by it: each document is rewritten as long as it is what was read. Wherever it is cut off,
 * every value is sealed with one of the box's keys, and doing it again does the rest.
 */
export async function sealAnew(resealing: Resealing): Promise<void> {
  const { store, box, signal, onRemaining } = resealing;
  for (;;) {
    // Once more after the last, for what somebody wrote with the former key just before there was a new one.
    let former = (await listSealed(store, signal)).filter(
      (document) => !isSealedWith(box.sealingKeyId, document),
    );
    if (former.length === 0) return;
    while (former.length > 0) {
      signal.throwIfAborted();
      onRemaining(former.length);
      await rewrite(former.slice(0, documentsPerCommit), resealing);
      former = former.slice(documentsPerCommit);
    }
  }
}

/** How many values of a store are sealed with which key, by its id. */
export async function countSealedValues(store: Pick<Store, 'list'>): Promise<ReadonlyMap<string, number>> {
  return countBySealingKey(await listSealed(store));
}

async function listSealed(store: Pick<Store, 'list'>, signal?: AbortSignal): Promise<readonly Document[]> {
  const listings = [];
  for (const prefix of [...sealedPrefixes, keys.durableKeys]) listings.push(await store.list(prefix, signal));
  return listings.flatMap(({ documents }) => documents);
}

function isSealedWith(keyId: string, document: Document): boolean {
  return [...countBySealingKey([document]).keys()].every((id) => id === keyId);
}

async function rewrite(documents: readonly Document[], resealing: Resealing): Promise<void> {
  const { audit, box } = resealing;
  const writes = documents.map((document): DocumentWrite => {
    const value = mapSealedValues(document, (sealed, place) => box.seal(box.open(sealed, place), place));
    const { key, modified } = document;
    return { kind: 'rewrite', key, value, expect: { kind: 'revision', modified } };
  });
  try {
    if (writes.length > 0) await audit.commit(writes);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    // Somebody has changed or deleted that one: it is sealed as it should be, or gone.
    await rewrite(
      documents.filter(({ key }) => key !== error.key),
      resealing,
    );
  }
}
