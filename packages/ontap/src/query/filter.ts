import { genericErrors, problem } from '../error-codes.ts';
import type { ApiProblem } from '../errors.ts';
import type { NamedField, Schema } from '../schema.ts';
import { bindExpression } from './evaluate.ts';
import type { SyntaxFault } from './expression.ts';
import { isSyntaxFault, parseExpression } from './parse.ts';

/** One condition on rows; all conditions of a query must hold. */
export interface Filter {
  /** The fields it looks at, which are echoed in the records. */
  readonly names: readonly string[];
  matches(row: unknown): boolean;
}

/** Reads `field=text` as a condition, or says what is wrong with it. */
export function parseFilter(named: NamedField, text: string, schema: Schema): Filter | readonly ApiProblem[] {
  const { name, field } = named;
  const expression = parseExpression(text);
  if (isSyntaxFault(expression)) return [faultProblem(name, text, expression)];
  const predicate = bindExpression(expression, field);
  if (typeof predicate !== 'function') {
    const { literal, expected } = predicate;
    return [problem(genericErrors.invalidValue, { value: literal, field: name, expected }, name)];
  }
  const names = schema.expand(name).map((each) => each.name);
  return { names, matches: (row) => predicate(field.get?.(row)) };
}

/**
 * Reads `query=text&query_fields=a,b`: a row passes when any of the fields does. A field whose type cannot hold the
 * text never passes.
 */
export function parseAnyOfFilter(
  text: string,
  fieldList: string,
  schema: Schema,
  ignoresUnknown: boolean,
): Filter | readonly ApiProblem[] {
  const expression = parseExpression(text);
  if (isSyntaxFault(expression)) return [faultProblem('query', text, expression)];
  const problems: ApiProblem[] = [];
  const conditions: Filter[] = [];
  for (const entry of fieldList.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const named = fieldsNamed(entry, schema).filter(({ field }) => schema.isFilterable(field));
    if (named.length === 0 && !ignoresUnknown) {
      const expected = 'field,...';
      problems.push(
        problem(
          genericErrors.invalidValue,
          { value: entry, field: 'query_fields', expected },
          'query_fields',
        ),
      );
    }
    for (const { name, field } of named) {
      const { type, canonical, letterCase } = field;
      const predicate = bindExpression(expression, {
        type,
        ...(canonical && { canonical }),
        ...(letterCase && { letterCase }),
      });
      if (typeof predicate !== 'function') continue;
      conditions.push({ names: [name], matches: (row) => predicate(field.get?.(row)) });
    }
  }
  if (problems.length > 0) return problems;
  return {
    // All fields searched by default would be echoing everything.
    names: fieldList === '*' ? [] : conditions.flatMap(({ names }) => names),
    matches: (row) => conditions.some((condition) => condition.matches(row)),
  };
}

function fieldsNamed(entry: string, schema: Schema): readonly NamedField[] {
  if (entry !== '*' && entry !== '**') return schema.expand(entry);
  return [...schema.fields].map(([name, field]) => ({ name, field }));
}

function faultProblem(field: string, text: string, { fault, reason }: SyntaxFault): ApiProblem {
  return fault === 'missing-value'
    ? problem(genericErrors.missingQueryValue, { field }, field)
    : problem(genericErrors.invalidQuerySyntax, { value: text, field, reason }, field);
}
