import type { Api } from '@esplanade/sdk';
import type { ValueSource } from './command.ts';
import { isScalar, memberOf } from './directory/wire.ts';

/** How many are looked through for one that may have been meant. */
const namesLookedAt = 1_000;

/** The first of the names that the API has there, so that one that does not exist can be compared with them. */
export async function knownNames(
  api: Api,
  { path, field }: Pick<ValueSource, 'path' | 'field'>,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const page = await api.collection(path).fields(field).pageSize(namesLookedAt).pages({ signal }).next();
  if (page.done === true) return [];
  return page.value.records
    .flatMap((record) => memberOf(record, field))
    .filter(isScalar)
    .map(String);
}
