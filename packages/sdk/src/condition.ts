/** A value that a filter can be about. */
export type FilterValue = string | number | boolean | Date | null;

/** What `where` can ask, and what of. Unset fields equal `null`, and match nothing else. */
export interface Operands<V> {
  readonly '=': V | null;
  readonly '!=': V | null;
  readonly '<': V;
  readonly '<=': V;
  readonly '>': V;
  readonly '>=': V;
  /** `*` stands for any text, also for none. */
  readonly like: string;
  readonly 'not like': string;
  /** One of these. */
  readonly in: readonly V[];
  /** From the first to the second, both included. */
  readonly between: readonly [V, V];
}

export type Operator = keyof Operands<unknown>;

/** ONTAP's query text for a condition; whatever the value holds stands for itself, but for the `*` of `like`. */
export function conditionText(operator: Operator, value: unknown): string {
  const values = Array.isArray(value) ? value : [value];
  if (values.includes(undefined)) throw new TypeError('a condition has a value; what is not set is null');
  switch (operator) {
    case '=':
      return literal(value);
    case '!=':
      return `!${literal(value)}`;
    case 'like':
      return pattern(String(value));
    case 'not like':
      return `!${pattern(String(value))}`;
    case 'in':
      if (values.length === 0) throw new TypeError('a condition with in needs at least one value');
      return values.map(literal).join('|');
    case 'between':
      return values.map(literal).join('..');
    default:
      return `${operator}${literal(value)}`;
  }
}

function literal(value: unknown): string {
  if (value === null) return 'null';
  const text = value instanceof Date ? value.toISOString() : String(value);
  const isPlain = text !== '' && text !== 'null' && !/[*|,!<>="{}]|\.\.|^\.|\.$/.test(text);
  return isPlain ? text : quoted(text);
}

function pattern(text: string): string {
  if (!text.includes('*')) return literal(text);
  return text
    .split('*')
    .map((part) => (part === '' ? '' : literal(part)))
    .join('*');
}

/** No escapes exist, so a text with both `"` and `}` is quoted piece by piece. */
function quoted(text: string): string {
  if (!text.includes('"')) return `"${text}"`;
  if (!text.includes('}')) return `{${text}}`;
  return text
    .split(/("+)/)
    .filter((piece) => piece !== '')
    .map((piece) => (piece.startsWith('"') ? `{${piece}}` : `"${piece}"`))
    .join('');
}
