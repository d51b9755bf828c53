import { failure, genericErrors } from './error-codes.ts';
import type { ApiFailure } from './errors.ts';
import type { Schema } from './schema.ts';
import type { RequestTarget } from './url.ts';

/** What a path names: a resource, one record of a collection, or what can be done with one. */
export interface Route {
  readonly schema: Schema;
  /** Of a collection whose path has braces it begins with what stands there. */
  readonly key: string | undefined;
  /** What stands where the resource's path has braces. */
  readonly within: readonly string[];
}

/**
 * Finds what a path names. The longest resource path wins, so `/cluster/nodes` is no surplus element of `/cluster`.
 * `unknownPaths` are those of resources that other releases have.
 */
export function createRoutes(
  schemas: readonly Schema[],
  unknownPaths: readonly string[] = [],
): (target: RequestTarget) => Route | ApiFailure {
  const byPath = new Map<string, Schema | 'unknown'>([
    ...schemas.map((schema) => [schema.resource.path, schema] as const),
    ...unknownPaths.map((path) => [path, 'unknown'] as const),
  ]);
  // A URL may have thousands of elements, and each try joins them.
  const most = Math.max(0, ...[...byPath.keys()].map((path) => path.split('/').length - 1));
  const templates = schemas.filter(
    ({ resource }) => resource.kind === 'action' || resource.path.includes('{'),
  );
  return ({ elements }) => {
    const [base, ...rest] = elements;
    if (base !== 'api') return failure(genericErrors.apiNotFound, {});
    for (const schema of templates) {
      const within = elementsInBraces(schema.resource.path, rest);
      if (within === undefined) continue;
      const behind = rest.slice(schema.resource.path.split('/').length - 1);
      if (schema.resource.kind !== 'action') return routeBehind(schema, within, behind);
      if (behind.length === 0) return { schema, key: within[0], within };
    }
    for (let length = Math.min(rest.length, most); length > 0; length--) {
      const schema = byPath.get(pathOf(rest.slice(0, length)));
      if (schema === 'unknown') break;
      if (schema === undefined) continue;
      return routeBehind(schema, [], rest.slice(length));
    }
    return failure(genericErrors.apiNotFound, {});
  };
}

/** The route to a resource, or to one record of it, by the elements behind its path. */
function routeBehind(
  schema: Schema,
  within: readonly string[],
  elements: readonly string[],
): Route | ApiFailure {
  const key = elements.slice(0, schema.path.length);
  const surplus = elements[schema.path.length];
  if (surplus !== undefined) return failure(genericErrors.surplusPathElement, { argument: surplus });
  if (key.length === 0) return { schema, key: undefined, within };
  // Some elements of a key name nothing.
  if (key.length < schema.path.length) return failure(genericErrors.apiNotFound, {});
  return { schema, key: [...within, ...key].join('/'), within };
}

/** The path of decoded elements, none of which has a slash in any resource's path: one that came encoded stays so. */
function pathOf(elements: readonly string[]): string {
  return elements.map((element) => `/${element.replaceAll('/', '%2F')}`).join('');
}

/** The path with the names of the keys in the place of their values, from `/api` on. */
export function templateOf({ schema: { resource, path }, key }: Route): string {
  const keys = key === undefined || resource.kind === 'action' ? [] : path.map((name) => `/{${name}}`);
  return `/api${resource.path}${keys.join('')}`;
}

/** Whether it names one thing, so that what orders, pages and counts several has nothing to do. */
export function isOfOne({ schema: { resource }, key }: Route): boolean {
  return key !== undefined || resource.kind === 'singleton' || resource.kind === 'action';
}

/** What stands in the braces of a path that the elements begin with; undefined where they do not begin with it. */
function elementsInBraces(path: string, elements: readonly string[]): readonly string[] | undefined {
  const inBraces: string[] = [];
  for (const [at, name] of path.split('/').slice(1).entries()) {
    const element = elements[at];
    if (element === undefined) return undefined;
    if (name.startsWith('{')) inBraces.push(element);
    else if (name !== element) return undefined;
  }
  return inBraces;
}

/** The methods a route answers, in the order of the `Allow` header. */
export function allowedMethods({
  schema: { resource },
  key,
}: Pick<Route, 'schema' | 'key'>): readonly string[] {
  if (resource.kind === 'action') return ['OPTIONS', 'POST'];
  const methods = ['GET', 'HEAD', 'OPTIONS'];
  if (resource.kind !== 'singleton' && resource.create !== undefined && key === undefined) {
    methods.push('POST');
  }
  if (resource.modify !== undefined) methods.push('PATCH');
  if (resource.kind !== 'singleton' && resource.remove !== undefined) methods.push('DELETE');
  return methods;
}
