import { formatExpression } from './format.ts';

/**
 * The link to the records of a collection whose fields equal the values, whatever characters these are made of.
 * `resourcePath` is below `/api`.
 */
export function filterHref(resourcePath: string, values: Readonly<Record<string, string>>): string {
  const filters = Object.entries(values).map(([name, literal]) => {
    const expression = formatExpression([{ negated: false, test: { kind: 'equals', literal } }]);
    return `${name}=${encodeURIComponent(expression.toWellFormed())}`;
  });
  return `/api${resourcePath}?${filters.join('&')}`;
}
