import { keyword, parseFieldText } from './field-value.ts';
import type { Test } from './query/expression.ts';
import { isSyntaxFault, parseExpression } from './query/parse.ts';
import type { Field } from './resource.ts';

/** The text of a UUID. */
export const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const rangeForm = /^\d{1,7}(-\d{1,7})?$/;

/**
 * Whether the descriptor itself tells the text from others: it is one of the field's few values, or of a form in which nothing
 * else is written. Free text never is, whatever its field is for: it may be a secret in the wrong place.
 */
export function isKnownValue(text: string, { type, enum: values }: Field<unknown>): boolean {
  if (values !== undefined) return values.includes(type === 'keyword' ? keyword(text) : text);
  switch (type) {
    case 'integer':
    case 'counter':
    case 'boolean':
    case 'datetime':
    case 'address':
      return parseFieldText(type, text) !== undefined;
    case 'range':
      return rangeForm.test(text);
    case 'string':
    case 'strings':
      return uuidForm.test(text);
    case 'keyword':
    case 'json':
      return false;
  }
}

/** Whether a filter by the field asks for nothing but such values. */
export function isKnownFilter(text: string, field: Field<unknown>): boolean {
  const expression = parseExpression(text);
  if (isSyntaxFault(expression)) return false;
  return expression.every(({ test }) => operandsOf(test).every((operand) => isKnownValue(operand, field)));
}

/** The texts of a test; of a wildcard those between the stars. */
function operandsOf(test: Test): readonly string[] {
  switch (test.kind) {
    case 'unset':
      return [];
    case 'equals':
    case 'compares':
      return [test.literal];
    case 'within':
      return [test.low, test.high];
    case 'like':
      return test.parts.filter((part) => part !== '');
  }
}
