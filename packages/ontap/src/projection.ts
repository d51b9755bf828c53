import type { Schema } from './schema.ts';

/** What `fields` asked for. */
export interface FieldSelection {
  /** `fields` named nothing (absent or empty): the endpoint's standard answer. */
  readonly isStandard: boolean;
  readonly included: ReadonlySet<string>;
  readonly excluded: ReadonlySet<string>;
}

/**
 * Reads `fields=a,b.c,object,*,**,!x`. `**` adds expensive fields, of which there are none here. Only exclusions mean
 * everything but those. Names that are no readable field come back in `unknown`; so does `*` where fields must be named.
 */
export function parseFields(
  text: string,
  schema: Schema,
): { readonly selection: FieldSelection; readonly unknown: readonly string[] } {
  const included = new Set<string>();
  const excluded = new Set<string>();
  const unknown: string[] = [];
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '' || isLinks(entry)) continue;
    const isExcluded = entry.startsWith('!');
    const name = isExcluded ? entry.slice(1) : entry;
    const names = namesOf(name, schema);
    if (names.length === 0) unknown.push(name);
    for (const each of names) (isExcluded ? excluded : included).add(each);
  }
  const isStandard = included.size === 0 && excluded.size === 0;
  if (included.size === 0 && excluded.size > 0) for (const name of namesOf('*', schema)) included.add(name);
  return { selection: { isStandard, included, excluded }, unknown };
}

/**
 * The fields of a record: the keys always; what was asked for; without that the default fields in a collection and all
 * of them in an instance (not of a CLI command with keys); and each field used in a filter (`filtered`), which ONTAP
 * echoes. `!x` wins over all but the keys.
 */
export function projectedFields(
  selection: FieldSelection,
  filtered: ReadonlySet<string>,
  schema: Schema,
  form: 'collection' | 'instance',
): readonly string[] {
  // Of a CLI command only keys are shown without being named; one without keys would show nothing.
  const takesAll =
    selection.isStandard &&
    form === 'instance' &&
    (schema.resource.isCli !== true || schema.keys.length === 0);
  return [...schema.fields]
    .filter(([name, field]) => {
      if (field.get === undefined) return false;
      if (isAlwaysShown(name, schema)) return true;
      if (selection.excluded.has(name)) return false;
      return takesAll || field.isDefault === true || selection.included.has(name) || filtered.has(name);
    })
    .map(([name]) => name);
}

/** The keys are, but for those that the resource's path says. */
function isAlwaysShown(name: string, { resource, keys, path }: Schema): boolean {
  return (resource.kind === 'collection' ? path : keys).includes(name);
}

function namesOf(name: string, schema: Schema): readonly string[] {
  const isAll = (name === '*' || name === '**') && schema.resource.isCli !== true;
  const named = isAll
    ? [...schema.fields].map(([each, field]) => ({ name: each, field }))
    : schema.expand(name);
  return named.filter(({ field }) => field.get !== undefined).map((each) => each.name);
}

function isLinks(name: string): boolean {
  return name === '_links' || name.endsWith('._links');
}
