import { type ApiFailure, failure, genericErrors, type ParsedBody } from '@esplanade/ontap';
import { textOf } from './body-reader.ts';

/** ONTAP's code for a required field that is missing. */
const missingField = '262278';

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
  const message = `Field "${field}" is required. Send it.`;
  return { kind: 'failure', status: 400, problems: [{ code: missingField, message, target: field }] };
}

/** The failure for a name that another record of the kind has. */
export const duplicateRecord: ApiFailure = failure(genericErrors.duplicateEntry, {}, 'name');
