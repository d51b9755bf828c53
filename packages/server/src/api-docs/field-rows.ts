import type { JsonObject } from '@esplanade/ontap';

/** A leaf of a schema by its dotted name. */
export interface FieldRow {
  readonly name: string;
  /** `integer`, `string: ipv4, ipv6`. */
  readonly type: string;
  readonly isRequired: boolean;
  /** `read-only`, `write-only`, or nothing. */
  readonly access: string;
  readonly since: string;
  readonly description: string;
}

/** The leaves of an object's schema in its order; links are not fields. */
export function fieldRows(schema: JsonObject, prefix = '', isParentRequired = true): readonly FieldRow[] {
  const required: unknown = schema['required'];
  return Object.entries(Object(schema['properties'])).flatMap(([name, value]): readonly FieldRow[] => {
    if (name === '_links') return [];
    const member: JsonObject = Object(value);
    const isRequired = isParentRequired && Array.isArray(required) && required.includes(name);
    const whole = `${prefix}${name}`;
    if (member['properties'] !== undefined) return fieldRows(member, `${whole}.`, isRequired);
    return [
      {
        name: whole,
        type: typeText(member),
        isRequired,
        access: member['readOnly'] === true ? 'read-only' : member['writeOnly'] === true ? 'write-only' : '',
        since: String(member['x-ontap-since'] ?? ''),
        description: String(member['description'] ?? ''),
      },
    ];
  });
}

/** Type, values, bounds and default of a schema in a few words. */
export function typeText(schema: JsonObject): string {
  const { type, format, items, minimum, maximum, enum: values } = schema;
  const list: JsonObject = Object(items);
  const allowed: unknown = values ?? list['enum'];
  const bounds =
    minimum === undefined ? '' : maximum === undefined ? ` from ${minimum}` : ` ${minimum} to ${maximum}`;
  const name =
    type === 'array' ? `list of ${String(list['type'])}` : String(format === 'date-time' ? format : type);
  return [
    `${name}${bounds}`,
    ...(Array.isArray(allowed) ? [`: ${allowed.join(', ')}`] : []),
    ...(schema['default'] === undefined ? [] : [`, default ${String(schema['default'])}`]),
  ].join('');
}
