import type { WriteResult } from '@esplanade/desired';
import {
  type ApiFailure,
  type CreateResult,
  type Field,
  failure,
  genericErrors,
  isFailure,
  type ParsedBody,
  type Principal,
  type Rows,
} from '@esplanade/ontap';
import { textOf } from './body-reader.ts';
import { recordErrors } from './record-error-codes.ts';
import { attemptWrite, writeFailure } from './write-failure.ts';

/**
 * Reads the name of a new SVM, interface or IPspace. An IPspace's is the name of a network namespace and part of a
 * socket's path, so all three keep to letters, digits, dots, dashes and underscores.
 */
export function recordName(body: ParsedBody): string | ApiFailure {
  const name = textOf(body, 'name');
  if (name === undefined) return missing('name');
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,46}$/.test(name)) return name;
  const expected = '1 to 47 letters, digits, dots, dashes or underscores, not beginning with a dot or dash';
  return failure(genericErrors.invalidValue, { value: name, field: 'name', expected }, 'name');
}

/** The failure for a required field that the body does not have. */
export function missing(field: string): ApiFailure {
  return failure(recordErrors.missingField, { field }, field);
}

/** The failure for a name that another record of the kind has. */
export const duplicateRecord: ApiFailure = failure(genericErrors.duplicateEntry, {}, 'name');

/** The fields that every named record has: `what` it is (`SVM`), and what its name is, a sentence. */
export function recordFields<
  Row extends { readonly value: { readonly uuid: string; readonly name: string } },
>(
  what: string,
  nameDescription: string,
  exampleName: string,
  isRenamable = false,
): Readonly<Record<'uuid' | 'name', Field<Row>>> {
  return {
    uuid: {
      type: 'string',
      description: `UUID of the ${what}.`,
      isDefault: true,
      get: ({ value }) => value.uuid,
    },
    name: {
      type: 'string',
      description: nameDescription,
      isDefault: true,
      writable: isRenamable ? ['post', 'patch'] : ['post'],
      isRequired: true,
      example: exampleName,
      get: ({ value }) => value.name,
    },
  };
}

/** What any write may be answered with besides what it says itself. */
export const writeErrors = [recordErrors.notSaved];

/** The records that exist for a principal, in the order of their keys. */
export function recordReaders<Row>(
  rows: () => ReadonlyMap<string, Row>,
  isVisible: (row: Row, principal: Principal) => boolean,
): {
  readonly list: (principal: Principal) => Rows<Row>;
  readonly find: (key: string, principal: Principal) => Row | undefined;
} {
  return {
    list: (principal) => ({
      kind: 'rows',
      rows: [...rows().values()].filter((row) => isVisible(row, principal)),
      inKeyOrder: true,
    }),
    find: (key, principal) => {
      const row = rows().get(key);
      return row !== undefined && isVisible(row, principal) ? row : undefined;
    },
  };
}

/** What only an administrator may do: the failure for anybody else. */
export function administratorsOnly({ svmUuid }: Principal): ApiFailure | undefined {
  return svmUuid === undefined ? undefined : failure(genericErrors.notAuthorized, {});
}

/** Writes a new record, and says so by its uuid. */
export async function createRecord<T extends { readonly uuid: string }>(
  record: T,
  write: (record: T) => Promise<WriteResult>,
): Promise<CreateResult> {
  const result = await attemptWrite(() => write(record));
  if (isFailure(result)) return result;
  return result.kind === 'written'
    ? { kind: 'created', key: record.uuid, revision: result.revision }
    : writeFailure(result, duplicateRecord);
}
