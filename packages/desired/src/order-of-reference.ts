import type { Change } from '@esplanade/store';
import { MalformedDocumentError } from './fields.ts';
import { type DocumentKind, documentKinds, parseKey } from './keys.ts';

/** A change and what its key says it is about. */
export interface KnownChange {
  readonly kind: DocumentKind;
  readonly id: string;
  readonly change: Change;
}

/**
 * The changes sorted so that whatever a document refers to comes before it. Throws MalformedDocumentError on a strange
 * key.
 */
export function inOrderOfReference(changes: readonly Change[]): readonly KnownChange[] {
  return changes.map(know).sort((a, b) => documentKinds.indexOf(a.kind) - documentKinds.indexOf(b.kind));
}

function know(change: Change): KnownChange {
  const key = change.kind === 'put' ? change.document.key : change.key;
  const parsed = parseKey(key);
  if (parsed === undefined) throw new MalformedDocumentError(`${key} is not a key of this release`);
  return { ...parsed, change };
}
