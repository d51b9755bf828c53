import { wireText } from './field-value.ts';
import type { FieldType, FieldValue, Links } from './resource.ts';
import type { Schema } from './schema.ts';
import { recordHref } from './url.ts';

declare global {
  interface JSON {
    /** ECMAScript proposal "JSON.parse source text access"; in Node since 22, not yet in TypeScript's library. */
    rawJSON(text: string): unknown;
  }
}

/** Turns a row into the object that `JSON.stringify` prints. */
export type RecordRenderer = (row: unknown) => Readonly<Record<string, unknown>>;

type MemberRenderer = (row: unknown) => unknown;

/**
 * A renderer for the fields named in `names`: dotted names become nested objects, unset fields and empty objects are
 * left out; with `hasLinks`, a record that has a path and the objects that refer to other resources carry `_links.self`.
 */
export function createRecordRenderer(
  schema: Schema,
  names: readonly string[],
  hasLinks: boolean,
): RecordRenderer {
  const { resource } = schema;
  const object = objectRenderer(schema, names, '', hasLinks ? resource.links : undefined);
  if (!hasLinks || resource.kind === 'table') return (row) => object(row) ?? {};
  if (resource.kind === 'singleton') {
    const links = selfLink(`/api${resource.path}`);
    return (row) => ({ ...object(row), _links: links });
  }
  return (row) => ({ ...object(row), _links: selfLink(recordHref(resource.path, keyOf(schema, row))) });
}

/** What tells a row from the others, as text: its key; several keys as a JSON array. */
export function keyOf(schema: Schema, row: unknown): string {
  const texts = schema.keys.map((key) => String(schema.fields.get(key)?.get?.(row) ?? ''));
  return schema.resource.kind === 'table' ? tableKey(...texts) : texts.join();
}

/** What `create` of a table calls the new record: the texts of its keys, in their order. */
export function tableKey(...texts: readonly string[]): string {
  return JSON.stringify(texts);
}

/** A `_links` member with only `self`. */
export function selfLink(href: string): { readonly self: { readonly href: string } } {
  return { self: { href } };
}

function objectRenderer(
  schema: Schema,
  names: readonly string[],
  prefix: string,
  links: Links<unknown> | undefined,
): (row: unknown) => Record<string, unknown> | undefined {
  const members = new Map<string, MemberRenderer>();
  for (const name of names) {
    const [member = ''] = name.slice(prefix.length).split('.');
    if (members.has(member)) continue;
    const field = schema.fields.get(`${prefix}${member}`);
    if (field !== undefined) {
      members.set(member, (row) => wireValue(field.type, field.get?.(row)));
      continue;
    }
    const inner = `${prefix}${member}.`;
    members.set(
      member,
      objectRenderer(
        schema,
        names.filter((each) => each.startsWith(inner)),
        inner,
        links,
      ),
    );
  }
  const hrefOf = prefix === '' ? undefined : links?.[prefix.slice(0, -1)];
  return (row) => {
    let object: Record<string, unknown> | undefined;
    for (const [member, render] of members) {
      const value = render(row);
      if (value === undefined) continue;
      object ??= {};
      object[member] = value;
    }
    const href = object === undefined ? undefined : hrefOf?.(row);
    if (object !== undefined && href !== undefined) object['_links'] = selfLink(href);
    return object;
  };
}

/**
 * JSON has no 64-bit integers, but its numbers have no bound: a counter that no double holds is printed digit by digit,
 * which takes several times as long.
 */
function wireValue(type: FieldType, value: FieldValue): unknown {
  if (typeof value === 'bigint')
    return value <= Number.MAX_SAFE_INTEGER ? Number(value) : JSON.rawJSON(value.toString());
  return type === 'address' && value !== undefined ? wireText(type, value) : value;
}
