import { BoundedMap } from './bounded-map.ts';
import { type ApiFailure, isFailure } from './errors.ts';
import { type CollectionQuery, parseCollectionQuery } from './query/collection-query.ts';
import type { Verb } from './query/parameters.ts';
import type { Release } from './resource.ts';
import { isOfOne, type Route } from './route.ts';
import type { Schema } from './schema.ts';
import type { RequestTarget } from './url.ts';

/** Queries kept for each resource; longer texts are not worth it. */
const mostKept = 100;
const longestKept = 500;

/** What the query string of a request means to a resource, or what is wrong with it. */
export type QueryReader = (target: RequestTarget, route: Route, verb: Verb) => CollectionQuery | ApiFailure;

/** A reader that keeps what it understood: clients ask the same few things again and again. */
export function createQueryReader(release: Release): QueryReader {
  const keptBySchema = new Map<Schema, BoundedMap<string, CollectionQuery>>();
  return ({ rawQuery, parameters }, route, verb) => {
    const { schema } = route;
    const asking = { verb, release, isOfOne: isOfOne(route) };
    const kept = keptBySchema.get(schema) ?? new BoundedMap<string, CollectionQuery>(mostKept);
    keptBySchema.set(schema, kept);
    const key = `${verb} ${asking.isOfOne ? 'one' : 'several'} ${rawQuery}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const query = parseCollectionQuery(parameters, schema, asking);
    if (!isFailure(query) && key.length <= longestKept) kept.set(key, query);
    return query;
  };
}
