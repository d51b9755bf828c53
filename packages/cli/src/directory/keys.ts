import type { Directory, DirectoryField } from './directory.ts';

/** The fields that name a record. */
export function keysOf({ fields }: Directory): readonly DirectoryField[] {
  return fields.filter(({ isKey }) => isKey === true);
}
