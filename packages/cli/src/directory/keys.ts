import type { Directory, DirectoryField } from './directory.ts';

/** The fields that name a record. */
export function keysOf({ fields }: Directory): readonly DirectoryField[] {
  return fields.filter(({ isKey }) => isKey === true);
}

/**
 * The same, with the one last that people call a record by: what `create` cannot do without, else a text; a destination,
 * and not its port or whose it is.
 */
export function namingKeysOf(directory: Directory): readonly DirectoryField[] {
  const keys = keysOf(directory);
  const rank = ({ create, value }: DirectoryField) =>
    create === 'required' ? 2 : Number(value.kind === 'text');
  return keys.toSorted((one, other) => rank(one) - rank(other));
}

/** The fields that say of which records `modify` is. */
export function selectorsOf({ fields }: Directory): readonly DirectoryField[] {
  return fields.filter(({ isKey, isSelector }) => isKey === true || isSelector === true);
}

/** The fields that are answered, and can be asked about. */
export function readableOf({ fields }: Directory): readonly DirectoryField[] {
  return fields.filter(({ isWriteOnly }) => isWriteOnly !== true);
}
