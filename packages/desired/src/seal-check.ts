import { type Document, StoreOpenError, type Write } from '@esplanade/store';
import { keys } from './keys.ts';
import { SealError, type SecretBox } from './secret-box.ts';

const constant = new TextEncoder().encode('esplanade');

/** Seals a constant into a fresh store. */
export function sealCheckWrite(box: SecretBox): Write {
  const value = box.seal(constant, keys.sealCheck);
  return { kind: 'put', key: keys.sealCheck, value, expect: { kind: 'absent' } };
}

/** Throws StoreOpenError when the documents were sealed with another key file than this box's. */
export function assertSealedBy(documents: readonly Document[], box: SecretBox): void {
  const check = documents.find((document) => document.key === keys.sealCheck);
  if (check === undefined)
    throw new StoreOpenError(`the data has no ${keys.sealCheck}: it is not Esplanade's`);
  try {
    box.open(check.value, keys.sealCheck);
  } catch (cause) {
    if (!(cause instanceof SealError)) throw cause;
    throw new StoreOpenError(
      'the key file does not belong to this data: its secrets were sealed with another key. Put the right one back from a backup',
      { cause },
    );
  }
}
