/** A schema as our OpenAPI document has them. */
export interface JsonSchema {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly (string | number)[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly readOnly?: boolean;
  readonly writeOnly?: boolean;
  readonly 'x-ontap-since'?: string;
}

/** A field of a record, by its dotted name. */
export interface Leaf {
  readonly name: string;
  readonly schema: JsonSchema;
}

/** The fields of an object, those of the objects in it too; links are none, they are not asked for. */
export function leavesOf(schema: JsonSchema, prefix = ''): readonly Leaf[] {
  return membersOf(schema).flatMap(([name, inner]) =>
    inner.properties === undefined
      ? [{ name: `${prefix}${name}`, schema: inner }]
      : leavesOf(inner, `${prefix}${name}.`),
  );
}

/** The dotted names that an object must have. */
export function requiredOf(schema: JsonSchema, prefix = ''): readonly string[] {
  return (schema.required ?? []).flatMap((name) => {
    const inner = schema.properties?.[name];
    const within = inner === undefined ? [] : requiredOf(inner, `${prefix}${name}.`);
    return within.length === 0 ? [`${prefix}${name}`] : within;
  });
}

/** The members of an object as lines of an interface. Objects with a required member are required themselves. */
export function memberLines(
  schema: JsonSchema,
  required: readonly string[],
  indent = '  ',
): readonly string[] {
  return membersOf(schema).flatMap(([name, inner]) => {
    const within = required.flatMap((path) =>
      path.startsWith(`${name}.`) ? [path.slice(name.length + 1)] : [],
    );
    const mark = required.includes(name) || within.length > 0 ? '' : '?';
    const member = `readonly ${quotedName(name)}${mark}:`;
    if (inner.properties !== undefined)
      return [`${indent}${member} {`, ...memberLines(inner, within, `${indent}  `), `${indent}};`];
    if (inner.items?.properties !== undefined) {
      const head = [...docLines(inner, indent), `${indent}${member} readonly {`];
      return [...head, ...memberLines(inner.items, [], `${indent}  `), `${indent}}[];`];
    }
    return [...docLines(inner, indent), ...wrapped(`${indent}${member}`, typeOf(inner), indent)];
  });
}

/** The type of a field's values. */
export function typeOf(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.map(literal).join(' | ');
  if (schema.type === 'array') {
    const items = typeOf(schema.items ?? {});
    return items.includes(' | ') ? `readonly (${items})[]` : `readonly ${items}[]`;
  }
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  if (schema.type === 'boolean') return 'boolean';
  if (schema.type === 'string') return 'string';
  return 'unknown';
}

/** A text as a type. */
export function literal(value: string | number): string {
  return typeof value === 'number'
    ? String(value)
    : `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** What a member is called. */
export function quotedName(name: string): string {
  return /^[a-z_]\w*$/i.test(name) ? name : literal(name);
}

/** A line, or a union with one of its types on each, as the formatter has them. */
export function wrapped(head: string, type: string, indent: string): readonly string[] {
  const line = `${head} ${type};`;
  if (line.length <= 110 || !type.includes(' | ')) return [line];
  const alternatives = type.split(' | ').map((each) => `${indent}  | ${each}`);
  return [head, ...alternatives.slice(0, -1), `${alternatives.at(-1)};`];
}

function docLines({ description, 'x-ontap-since': since }: JsonSchema, indent: string): readonly string[] {
  if (description === undefined) return [];
  const text = description.replaceAll('*/', '*\\/').replaceAll(/\s+/g, ' ');
  return [`${indent}/** ${text}${since === undefined ? '' : ` Since ${since}.`} */`];
}

function membersOf({ properties = {} }: JsonSchema): readonly (readonly [string, JsonSchema])[] {
  return Object.entries(properties).filter(([name]) => name !== '_links');
}
