import { BoundedMap } from './bounded-map.ts';
import { wireText } from './field-value.ts';
import { type JsonLayout, JsonText, printJson } from './json-text.ts';
import { printedOnce } from './printed-once.ts';
import type { FieldType, FieldValue, Links } from './resource.ts';
import type { Schema } from './schema.ts';
import { recordHref } from './url.ts';

/** Turns a row into the record that is sent. */
export type RecordRenderer = (row: unknown) => JsonText;

/** How records are written, and how deep they stand in the response. */
export interface RecordForm {
  /** A record that has a path and the objects that refer to other resources carry `_links.self`. */
  readonly hasLinks: boolean;
  readonly layout: JsonLayout;
  readonly depth: number;
}

/** Prints a member's value; undefined for one that is left out. */
type Printer = (row: unknown) => string | undefined;

/** Renderers made before, by what they show and how: clients ask for the same few again and again. */
const madeBefore = new WeakMap<Schema, BoundedMap<string, RecordRenderer>>();
/** Few: each may keep some megabytes of records printed, and any list of fields is a renderer of its own. */
const mostKept = 16;

/**
 * A renderer for the fields named in `names`: dotted names become nested objects, unset fields and empty objects are
 * left out. What can be printed once for all rows is, and no object is made of a row only to be printed.
 */
export function recordRenderer(schema: Schema, names: readonly string[], form: RecordForm): RecordRenderer {
  const kept = madeBefore.get(schema) ?? new BoundedMap<string, RecordRenderer>(mostKept);
  madeBefore.set(schema, kept);
  const key = `${form.depth} ${form.hasLinks} ${form.layout.colon} ${names.join()}`;
  return kept.getOrMake(key, () => newRenderer(schema, names, form));
}

function newRenderer(schema: Schema, names: readonly string[], form: RecordForm): RecordRenderer {
  const printObject = objectPrinter(schema, names, '', form);
  const printAlways = (row: unknown): string => printObject(row) ?? '{}';
  const { resource } = schema;
  const print =
    resource.madeOf === undefined
      ? printAlways
      : printedOnce(printAlways, (row) => resource.madeOf?.(row) ?? []);
  return (row) => new JsonText(print(row));
}

/** What tells a row from the others, as text: its key, as in its path; the keys of a table as a JSON array. */
export function keyOf(schema: Schema, row: unknown): string {
  return schema.resource.kind === 'table' ? tableKey(...textsOf(schema, row)) : placeOf(schema, row);
}

/** How a row is told from the others in targets and messages: the texts of its keys, as they stand in a path. */
export function placeOf(schema: Schema, row: unknown): string {
  return textsOf(schema, row).join('/');
}

function textsOf({ keys, fields }: Schema, row: unknown): readonly string[] {
  return keys.map((key) => String(fields.get(key)?.get?.(row) ?? ''));
}

/** What `create` of a table calls the new record: the texts of its keys, in their order. */
export function tableKey(...texts: readonly string[]): string {
  return JSON.stringify(texts);
}

/** A `_links` member with only `self`. */
export function selfLink(href: string): { readonly self: { readonly href: string } } {
  return { self: { href } };
}

/** The fields below `prefix` as an object; undefined when all of them are unset. */
function objectPrinter(schema: Schema, names: readonly string[], prefix: string, form: RecordForm): Printer {
  const { layout, depth } = form;
  const inside: RecordForm = { ...form, depth: depth + 1 };
  const line = layout.lineAt(depth + 1);
  const members = new Map<string, Printer>();
  for (const name of names) {
    const [member = ''] = name.slice(prefix.length).split('.');
    if (members.has(member)) continue;
    const field = schema.fields.get(`${prefix}${member}`);
    const inner = `${prefix}${member}.`;
    members.set(
      member,
      field === undefined
        ? objectPrinter(
            schema,
            names.filter((each) => each.startsWith(inner)),
            inner,
            inside,
          )
        : (row) => printValue(field.type, field.get?.(row), inside),
    );
  }
  const openings = Array.from(members, ([member, print]) => ({
    opening: `${line}${JSON.stringify(member)}${layout.colon}`,
    print,
  }));
  const hrefOf = form.hasLinks ? linkOf(schema, prefix) : undefined;
  // What stands around the one thing in `_links` that differs from row to row.
  const [linksOpening, linksEnd] = printJson(selfLink(''), layout, depth + 1).split('""');
  const end = `${layout.lineAt(depth)}}`;
  return (row) => {
    let text = '';
    for (const { opening, print } of openings) {
      const value = print(row);
      if (value !== undefined) text += `${text === '' ? '{' : ','}${opening}${value}`;
    }
    if (text === '' && prefix !== '') return undefined;
    const href = hrefOf?.(row);
    if (href !== undefined) {
      const links = `${line}"_links"${layout.colon}${linksOpening}${JSON.stringify(href)}${linksEnd}`;
      text += `${text === '' ? '{' : ','}${links}`;
    }
    return text === '' ? undefined : text + end;
  };
}

/** Where the record itself, or the object of it that refers to another resource, is to be found. */
function linkOf(schema: Schema, prefix: string): Links<unknown>[string] | undefined {
  const { resource } = schema;
  if (prefix !== '') return resource.links?.[prefix.slice(0, -1)];
  const self = `/api${resource.path}`;
  switch (resource.kind) {
    case 'table':
    case 'action':
      return undefined;
    case 'singleton':
      return () => self;
    case 'collection':
      return (row) => recordHref(resource.path, keyOf(schema, row), schema.keys.length);
  }
}

function printValue(type: FieldType, value: FieldValue, { layout, depth }: RecordForm): string | undefined {
  switch (typeof value) {
    case 'undefined':
      return undefined;
    case 'string':
      if (type === 'json') return printJson(JSON.parse(value), layout, depth);
      return JSON.stringify(type === 'address' ? wireText(type, value) : value);
    case 'object':
      return printJson(value, layout, depth);
    default:
      return String(value);
  }
}
