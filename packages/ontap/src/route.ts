import { failure, genericErrors } from './error-codes.ts';
import type { ApiFailure } from './errors.ts';
import type { Schema } from './schema.ts';
import type { RequestTarget } from './url.ts';

/** What a path names: a resource, one record of a collection, or what can be done with one. */
export interface Route {
  readonly schema: Schema;
  readonly key: string | undefined;
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
  const actions = schemas.filter(({ resource }) => resource.kind === 'action');
  return ({ elements }) => {
    const [base, ...rest] = elements;
    if (base !== 'api') return failure(genericErrors.apiNotFound, {});
    for (const schema of actions) {
      const route = actionRoute(schema, rest);
      if (route !== undefined) return route;
    }
    for (let length = Math.min(rest.length, most); length > 0; length--) {
      const schema = byPath.get(pathOf(rest.slice(0, length)));
      if (schema === 'unknown') break;
      if (schema === undefined) continue;
      const key = rest.slice(length, length + schema.path.length);
      const surplus = rest[length + schema.path.length];
      if (surplus !== undefined) return failure(genericErrors.surplusPathElement, { argument: surplus });
      if (key.length === 0) return { schema, key: undefined };
      // Some elements of a key name nothing.
      if (key.length < schema.path.length) return failure(genericErrors.apiNotFound, {});
      return { schema, key: key.join('/') };
    }
    return failure(genericErrors.apiNotFound, {});
  };
}

/** The path of decoded elements, none of which has a slash in any resource's path: one that came encoded stays so. */
function pathOf(elements: readonly string[]): string {
  return elements.map((element) => `/${element.replaceAll('/', '%2F')}`).join('');
}

/** Whether it names one thing, so that what orders, pages and counts several has nothing to do. */
export function isOfOne({ schema: { resource }, key }: Route): boolean {
  return key !== undefined || resource.kind === 'singleton' || resource.kind === 'action';
}

/** The route to an action, if the path is that of one: the same elements, with a key where its own has braces. */
function actionRoute(schema: Schema, elements: readonly string[]): Route | undefined {
  const names = schema.resource.path.split('/').slice(1);
  const keyAt = names.findIndex((name) => name.startsWith('{'));
  const isPath =
    names.length === elements.length && names.every((name, at) => at === keyAt || name === elements[at]);
  return isPath ? { schema, key: elements[keyAt] } : undefined;
}

/** The methods a route answers, in the order of the `Allow` header. */
export function allowedMethods({ schema: { resource }, key }: Route): readonly string[] {
  if (resource.kind === 'action') return ['OPTIONS', 'POST'];
  const methods = ['GET', 'HEAD', 'OPTIONS'];
  if (resource.kind !== 'singleton' && resource.create !== undefined && key === undefined) {
    methods.push('POST');
  }
  if (resource.modify !== undefined) methods.push('PATCH');
  if (resource.kind !== 'singleton' && resource.remove !== undefined) methods.push('DELETE');
  return methods;
}
