import { isKnownIn } from './release.ts';
import type { Field, Release, Resource } from './resource.ts';

/** `records` in bodies, and `serial_records` with them: clients generated for 9.9.1 do not know them yet. */
export const recordsInBodies = { since: '9.10.1' } as const;

/** A resource as one release knows it: its fields by wire name, with names that stand for several of them. */
export interface Schema {
  readonly resource: Resource<unknown>;
  /** The fields known to the release, in the descriptor's order. */
  readonly fields: ReadonlyMap<string, Field<unknown>>;
  /** The fields of a collection that are the elements behind its path; none of what is no collection. */
  readonly path: readonly string[];
  /** The fields that tell records apart: those in and behind a collection's path, the keys of a table. */
  readonly keys: readonly string[];
  /** A field's name as this resource spells it. */
  spelled(name: string): string;
  /** The field that `name` or an alias of it means. */
  resolve(name: string): NamedField | undefined;
  /** What a condition on `name` is about: the field, or what the objects of an array have under that name. */
  filtered(name: string): NamedField | undefined;
  /** What conditions on the objects of arrays can be about. */
  readonly memberFilters: ReadonlyMap<string, Field<unknown>>;
  /**
   * The field itself, all fields of the object `name`, or the array that has objects with the member `name`; empty when
   * there is no such name.
   */
  expand(name: string): readonly NamedField[];
  /** Whether `name` is an object: the dotted beginning of some field. */
  isObject(name: string): boolean;
  /** Whether a body may hold several records in this release. */
  readonly takesRecords: boolean;
  /** Whether the field may be filtered by in this release. */
  isFilterable(field: Field<unknown>): boolean;
}

/** A field with its canonical wire name. */
export interface NamedField {
  readonly name: string;
  readonly field: Field<unknown>;
}

/**
 * Reduces a descriptor to what `release` knows; undefined when it does not know the path at all. Throws on a descriptor
 * that contradicts itself: a key that cannot be read, a name given twice, a field that is also an object.
 */
export function compileSchema(resource: Resource<unknown>, release: Release): Schema | undefined {
  if (!isKnownIn(release, resource)) return undefined;
  const fields = new Map<string, Field<unknown>>();
  const byAnyName = new Map<string, NamedField>();
  const objects = new Map<string, NamedField[]>();
  for (const [name, field] of Object.entries(resource.fields)) {
    if (!isKnownIn(release, field)) continue;
    const named = { name, field };
    fields.set(name, field);
    for (const each of [name, ...(field.aliases ?? [])]) {
      if (byAnyName.has(each)) throw new Error(`${resource.path}: two fields are called ${each}`);
      byAnyName.set(each, named);
    }
    for (const prefix of prefixesOf(name)) {
      const members = objects.get(prefix);
      if (members === undefined) objects.set(prefix, [named]);
      else members.push(named);
    }
  }
  const clash = [...objects.keys()].find((name) => byAnyName.has(name));
  if (clash !== undefined) throw new Error(`${resource.path}: ${clash} is both a field and an object`);
  const keys = keysOf(resource);
  const unreadable = keys.find((key) => fields.get(key)?.get === undefined);
  if (unreadable !== undefined) {
    throw new Error(`${resource.path}: the key ${unreadable} is no readable field`);
  }
  const memberFilters = new Map([...fields].flatMap(([name, field]) => memberFiltersOf(name, field)));
  const spelled = (name: string): string => (resource.isCli === true ? name.replaceAll('-', '_') : name);
  return {
    resource,
    fields,
    path: resource.kind === 'collection' ? keys.filter((key) => !resource.path.includes(`{${key}}`)) : [],
    keys,
    spelled,
    resolve: (name) => byAnyName.get(spelled(name)),
    filtered: (name) => {
      const member = memberFilters.get(name);
      return member === undefined ? byAnyName.get(spelled(name)) : { name, field: member };
    },
    memberFilters,
    expand: (name) => {
      const own = byAnyName.get(spelled(name));
      return own === undefined ? (objects.get(spelled(name)) ?? arrayWith(spelled(name), fields)) : [own];
    },
    isObject: (name) => objects.has(name),
    takesRecords: isKnownIn(release, recordsInBodies),
    isFilterable: (field) =>
      field.get !== undefined &&
      field.notFilterable !== true &&
      isKnownIn(release, { since: field.filterSince }),
  };
}

function arrayWith(name: string, fields: ReadonlyMap<string, Field<unknown>>): readonly NamedField[] {
  const dot = name.lastIndexOf('.');
  const field = fields.get(name.slice(0, Math.max(dot, 0)));
  return field?.members?.[name.slice(dot + 1)] === undefined ? [] : [{ name: name.slice(0, dot), field }];
}

/** A field of objects in an array as fields that hold what all of them say, for conditions alone. */
function memberFiltersOf(name: string, field: Field<unknown>): readonly [string, Field<unknown>][] {
  const { members, get, description, since, until, filterSince, example } = field;
  if (members === undefined || get === undefined) return [];
  return Object.keys(members).map((member) => {
    const [first] = typeof example === 'string' ? textsIn(example, member) : [];
    return [
      `${name}.${member}`,
      {
        type: 'strings',
        description,
        ...(since !== undefined && { since }),
        ...(until !== undefined && { until }),
        ...(filterSince !== undefined && { filterSince }),
        example: [first ?? '*'],
        get: (row) => {
          const value = get(row);
          const texts = typeof value === 'string' ? textsIn(value, member) : [];
          return texts.length === 0 ? undefined : texts;
        },
      },
    ];
  });
}

/** What the objects of an array have under this name; `text` is JSON. */
function textsIn(text: string, member: string): readonly string[] {
  const objects: unknown = JSON.parse(text);
  return [objects]
    .flat()
    .flatMap((each): readonly string[] => [Object(each)[member] ?? []].flat().map(String));
}

function keysOf(resource: Resource<unknown>): readonly string[] {
  if (resource.kind === 'table') return resource.keys;
  return resource.kind === 'collection' ? [resource.key].flat() : [];
}

function prefixesOf(name: string): readonly string[] {
  const segments = name.split('.');
  return segments.slice(1).map((_, index) => segments.slice(0, index + 1).join('.'));
}
