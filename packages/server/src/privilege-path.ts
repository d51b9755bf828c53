import type { Resource } from '@esplanade/ontap';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Stands in a privilege's path for any key of a record. */
const anyKey = '*';

/** The elements of a path, in the one form in which they are compared: UUIDs are written in lower case and read in either. */
export function elementsOf(path: string): readonly string[] {
  return path.split('/').slice(1).map(inOneCase);
}

/** The paths of resources taken apart: each request is about one of these few. */
const templates = new Map<string, readonly string[]>();

/** The elements of a resource's path, from `api` on, with `within` where it has braces; without it any key. */
export function placeOf(
  { path }: Pick<Resource<unknown>, 'path'>,
  within?: readonly string[],
): readonly string[] {
  const elements = templates.get(path) ?? ['api', ...path.split('/').slice(1)];
  templates.set(path, elements);
  if (!path.includes('{')) return elements;
  const texts = within?.values();
  return elements.map((element) =>
    element.startsWith('{') ? inOneCase(texts === undefined ? anyKey : (texts.next().value ?? '')) : element,
  );
}

/** How well a privilege's path fits a place, more for a longer one and for a key that it names; undefined where it does not. */
export function fitness(path: readonly string[], place: readonly string[]): number | undefined {
  let named = 0;
  for (const [at, element] of path.entries()) {
    if (element === place[at] && element !== anyKey) named += 1;
    else if (element !== anyKey || place[at] === undefined) return undefined;
  }
  return path.length * 1_000 + named;
}

/**
 * A privilege's path in its one form, where it is that of a resource, of several that begin alike, or of what lies behind a
 * record's key; undefined for any other.
 */
export function knownPath(
  given: string,
  resources: readonly Pick<Resource<unknown>, 'path'>[],
  others: readonly string[],
): string | undefined {
  const elements = elementsOf(given.replace(/\/$/, ''));
  const path = `/${elements.join('/')}`;
  if (!given.startsWith('/') || elements.length === 0 || elements.includes('')) return undefined;
  return others.includes(path) || resources.some((resource) => isBeginning(elements, resource))
    ? path
    : undefined;
}

/** All keys are named, or all of them are any key. Without what lies behind it, a key has no privileges of its own. */
function isBeginning(elements: readonly string[], resource: Pick<Resource<unknown>, 'path'>): boolean {
  const template = `/api${resource.path}`.split('/').slice(1);
  const inBraces = template.map((element) => element.startsWith('{'));
  if (elements.length > template.length || inBraces[elements.length - 1] === true) return false;
  if (!elements.every((element, at) => inBraces[at] === true || element === template[at])) return false;
  const keys = elements.filter((_, at) => inBraces[at]);
  return keys.every((key) => key === anyKey) || !keys.includes(anyKey);
}

function inOneCase(element: string): string {
  return uuid.test(element) ? element.toLowerCase() : element;
}
