import { setImmediate as nextTurn } from 'node:timers/promises';
import { ConflictError, type Document, type DocumentWrite, type Store } from '@esplanade/store';
import type { AuditLog } from './audit-log.ts';
import { keys } from './keys.ts';
import { mapSealedValues, sealedPrefixes } from './sealed-values.ts';
import { SealError, type SecretBox, sealingKeyIdOf } from './secret-box.ts';

/** What is sealed anew, and who hears how far that is. */
export interface Resealing {
  readonly store: Pick<Store, 'list'>;
  readonly audit: Pick<AuditLog, 'commit'>;
  readonly box: SecretBox;
  /** Ends it between two commits. */
  readonly signal: AbortSignal;
  /** Told before each commit how many documents are still to be looked at. */
  readonly onRemaining: (documents: number) => void;
}

/** Small, so that other writers and requests wait for none of them long. */
const documentsPerTurn = 100;

/**
 * Seals with the box's first key whatever is sealed with another, and resolves when nothing is. No change of anybody else is
 * overwritten, and no record changes by it: each document is rewritten as long as it is what was read. Wherever it is
 * cut off, every value is sealed with one of the box's keys, and doing it again does the rest.
 */
export async function sealAnew({ store, audit, box, signal, onRemaining }: Resealing): Promise<void> {
  let hasFound: boolean;
  do {
    // Once more after the last, for what somebody wrote with the former key just before there was a new one.
    hasFound = false;
    const documents = await listSealed(store, signal);
    for (let start = 0; start < documents.length; start += documentsPerTurn) {
      signal.throwIfAborted();
      const turn = documents.slice(start, start + documentsPerTurn);
      const writes = turn.flatMap((document) => rewriteOf(document, box) ?? []);
      if (writes.length > 0) {
        hasFound = true;
        onRemaining(documents.length - start);
        await commit(writes, audit);
      } else await nextTurn();
    }
  } while (hasFound);
}

/** How many values of a store are sealed with which key, by its id. */
export async function countSealedValues(store: Pick<Store, 'list'>): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const [index, document] of (await listSealed(store)).entries()) {
    mapSealedValues(document, (sealed) => {
      const id = sealingKeyIdOf(sealed);
      counts.set(id, (counts.get(id) ?? 0) + 1);
      return sealed;
    });
    if (index % documentsPerTurn === 0) await nextTurn();
  }
  return counts;
}

/**
 * A value, by document and field, that its key among the box's does not open: that key has other bytes than the one it was sealed with,
 * or the value was altered. Values sealed with keys that the box has not are left out.
 */
export async function findUnopenable(
  store: Pick<Store, 'list'>,
  box: SecretBox,
): Promise<{ readonly keyId: string; readonly place: string } | undefined> {
  let found: { readonly keyId: string; readonly place: string } | undefined;
  for (const [index, document] of (await listSealed(store)).entries()) {
    mapSealedValues(document, (sealed, place) => {
      const keyId = sealingKeyIdOf(sealed);
      if (box.keyIds.includes(keyId) && !opens(box, sealed, place)) found ??= { keyId, place };
      return sealed;
    });
    if (found !== undefined) return found;
    if (index % documentsPerTurn === 0) await nextTurn();
  }
  return undefined;
}

function opens(box: SecretBox, sealed: string, place: string): boolean {
  try {
    box.open(sealed, place);
    return true;
  } catch (error) {
    if (error instanceof SealError) return false;
    throw error;
  }
}

async function listSealed(store: Pick<Store, 'list'>, signal?: AbortSignal): Promise<readonly Document[]> {
  const listings = [];
  for (const prefix of [...sealedPrefixes, keys.durableKeys]) listings.push(await store.list(prefix, signal));
  return listings.flatMap(({ documents }) => documents);
}

/** `undefined` where nothing is sealed, or all with the first key. */
function rewriteOf(document: Document, box: SecretBox): DocumentWrite | undefined {
  let isFormer = false;
  const value = mapSealedValues(document, (sealed, place) => {
    if (sealingKeyIdOf(sealed) === box.sealingKeyId) return sealed;
    isFormer = true;
    return box.seal(box.open(sealed, place), place);
  });
  const { key, modified } = document;
  return isFormer ? { kind: 'rewrite', key, value, expect: { kind: 'revision', modified } } : undefined;
}

async function commit(writes: readonly DocumentWrite[], audit: Resealing['audit']): Promise<void> {
  try {
    if (writes.length > 0) await audit.commit(writes);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    // Somebody has changed or deleted that one: it is sealed as it should be, or gone.
    await commit(
      writes.filter(({ key }) => key !== error.key),
      audit,
    );
  }
}
