import type { Versioned, WriteResult } from '@esplanade/desired';
import {
  type ApiFailure,
  type DeleteResult,
  failure,
  genericErrors,
  isFailure,
  type ModifyResult,
  type WriteContext,
} from '@esplanade/ontap';
import type { Revision } from '@esplanade/store';
import { duplicateRecord } from './named-record.ts';
import type { Turns } from './turns.ts';
import { attemptWrite, writeFailure } from './write-failure.ts';

/** How long a change is made again to what writers elsewhere left, before it gives up. */
const boundMs = 2_000;

/** A record that is to be changed. */
export interface Modification<Row> {
  /** Changes of the same record wait for one another here, so that many at once do not keep on overtaking each other. */
  readonly turns: Turns;
  readonly key: string;
  /** The record as it is now. */
  readonly find: () => Row | undefined;
  /** Writes the change over that very record, or says why not. */
  readonly write: (row: Row) => Promise<WriteResult> | ApiFailure;
}

/**
 * Changes a record, and again what another writer made of it, until one of these is committed: so nothing is lost of what that
 * one changed. Where the request holds to a version, the record must be of it each time.
 */
export function modifyRecord<Row extends { readonly modified: number }>(
  { unmet }: Pick<WriteContext, 'unmet'>,
  { turns, key, find, write }: Modification<Row>,
): Promise<{ readonly kind: 'modified'; readonly revision: Revision } | ApiFailure> {
  return turns.take(key, async () => {
    const giveUpMs = performance.now() + boundMs;
    for (;;) {
      const row = find();
      if (row === undefined) return failure(genericErrors.entryNotFound, {}, 'uuid');
      const refused = unmet?.(row.modified);
      if (refused !== undefined) return refused;
      const result = await attemptWrite(async () => write(row));
      if (isFailure(result)) return result;
      if (result.kind === 'written') return { kind: 'modified', revision: result.revision };
      if (result.kind !== 'conflict' || performance.now() > giveUpMs)
        return writeFailure(result, duplicateRecord);
    }
  });
}

/** What a change that changes nothing is answered with. */
export function unchanged({ modified }: Pick<Versioned<unknown>, 'modified'>): ModifyResult {
  return { kind: 'modified', revision: modified };
}

/** Deletes a record; where the request holds to a version, only that one (`expected`). */
export async function deleteRecord(
  context: Pick<WriteContext, 'unmet'>,
  find: () => Pick<Versioned<unknown>, 'modified'> | undefined,
  remove: (expected?: Revision) => Promise<WriteResult>,
): Promise<DeleteResult> {
  const result = await removal(context, find, remove);
  if (isFailure(result)) return result;
  return result.kind === 'written' ? { kind: 'deleted' } : writeFailure(result, duplicateRecord);
}

/** As `deleteRecord`, for those who have answers of their own for what came of it. */
export async function removal(
  { unmet }: Pick<WriteContext, 'unmet'>,
  find: () => Pick<Versioned<unknown>, 'modified'> | undefined,
  remove: (expected?: Revision) => Promise<WriteResult>,
): Promise<WriteResult | ApiFailure> {
  if (unmet === undefined) return attemptWrite(() => remove());
  const giveUpMs = performance.now() + boundMs;
  for (;;) {
    const row = find();
    if (row === undefined) return { kind: 'not-found' };
    const refused = unmet(row.modified);
    if (refused !== undefined) return refused;
    const result = await attemptWrite(() => remove(row.modified));
    if (isFailure(result) || result.kind !== 'conflict' || performance.now() > giveUpMs) return result;
  }
}
