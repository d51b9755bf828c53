/** One verb on one path of the served OpenAPI document. */
export interface Operation {
  readonly method: string;
  /** From `/api` on, with `{key}` where the key stands. */
  readonly path: string;
  /** Names in the query: generic ones, extensions and fields to filter by. */
  readonly parameters: readonly string[];
  /** Leaves of the body by dotted name; undefined when none is taken. */
  readonly bodyFields: readonly BodyField[] | undefined;
}

/** A leaf of a body. */
export interface BodyField {
  readonly name: string;
  readonly type: string;
  /** Allowed values, or examples. */
  readonly values: readonly unknown[];
}

const verbs = ['get', 'post', 'patch', 'delete'];

/** The operations of an OpenAPI document: what the server itself says it takes. */
export function operationsOf(document: unknown): readonly Operation[] {
  const operations: Operation[] = [];
  for (const [path, item] of entriesOf(at(document, 'paths')))
    for (const [verb, operation] of entriesOf(item)) {
      if (!verbs.includes(verb)) continue;
      const parameters = listOf(at(operation, 'parameters')).map((one) => resolved(document, one));
      const content = entriesOf(at(resolved(document, at(operation, 'requestBody')), 'content'));
      const schema = at(content[0]?.[1], 'schema');
      operations.push({
        method: verb.toUpperCase(),
        path: `/api${path.replace(/^\/api(?=\/)/, '')}`,
        parameters: parameters
          .filter((one) => at(one, 'in') === 'query')
          .map((one) => String(at(one, 'name'))),
        bodyFields: schema === undefined ? undefined : leavesOf(document, schema, '', 0),
      });
    }
  if (operations.length === 0) throw new Error('the server describes no operation');
  return operations;
}

function leavesOf(document: unknown, given: unknown, prefix: string, depth: number): readonly BodyField[] {
  const schema = resolved(document, given);
  const variants = ['allOf', 'oneOf', 'anyOf'].flatMap((name) => listOf(at(schema, name)));
  const properties = entriesOf(at(schema, 'properties'));
  if (variants.length === 0 && properties.length === 0) {
    const values = [...listOf(at(schema, 'enum')), ...listOf(at(schema, 'examples'))];
    return prefix === '' ? [] : [{ name: prefix, type: String(at(schema, 'type') ?? 'string'), values }];
  }
  // Deeper than any record: a schema that refers to itself.
  if (depth > 6) return [];
  return [
    ...variants.flatMap((variant) => leavesOf(document, variant, prefix, depth + 1)),
    ...properties
      .filter(([name]) => name !== '_links' && name !== 'records')
      .flatMap(([name, inner]) =>
        leavesOf(document, inner, prefix === '' ? name : `${prefix}.${name}`, depth + 1),
      ),
  ];
}

function resolved(document: unknown, schema: unknown): unknown {
  const reference = at(schema, '$ref');
  if (typeof reference !== 'string' || !reference.startsWith('#/')) return schema;
  return reference.slice(2).split('/').reduce(at, document);
}

/** The member of a JSON object; undefined of anything else. */
export function at(value: unknown, name: string): unknown {
  return entriesOf(value).find(([member]) => member === name)?.[1];
}

/** The members of a JSON object; none of anything else. */
export function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

/** The items of a JSON array; none of anything else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
