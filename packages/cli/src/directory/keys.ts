import type { Directory, DirectoryField } from './directory.ts';

/** The fields that name a record. */
export function keysOf({ fields }: Directory): readonly DirectoryField[] {
  return fields.filter(({ isKey }) => isKey === true);
}

/** The same, with those last that people call a record by: a destination and not its port. */
export function namingKeysOf(directory: Directory): readonly DirectoryField[] {
  const keys = keysOf(directory);
  const isName = ({ value }: DirectoryField) => value.kind === 'text';
  return [...keys.filter((key) => !isName(key)), ...keys.filter(isName)];
}

/** The fields that are answered, and can be asked about. */
export function readableOf({ fields }: Directory): readonly DirectoryField[] {
  return fields.filter(({ isWriteOnly }) => isWriteOnly !== true);
}
