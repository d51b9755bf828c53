import type { ApiRequest, ApiResponse } from './api.ts';
import type { Conditions, TagOf } from './entity-tag.ts';
import { failure, genericErrors } from './error-codes.ts';
import { type ApiFailure, isFailure } from './errors.ts';
import { jsonLayout } from './json-text.ts';
import { projectedFields } from './projection.ts';
import type { CollectionQuery } from './query/collection-query.ts';
import { type RecordRenderer, recordRenderer } from './render.ts';
import type { CollectionResource, Principal } from './resource.ts';
import { failureResponse, type ResponseForm } from './response.ts';
import type { Schema } from './schema.ts';
import type { RequestTarget } from './url.ts';

/** A request whose resource, query and caller are known; what the verbs work on. */
export interface Call {
  readonly request: ApiRequest;
  readonly target: RequestTarget;
  readonly schema: Schema;
  /** The key in the path; undefined on a collection or a singleton. */
  readonly key: string | undefined;
  /** What stands where the resource's path has braces. */
  readonly within: readonly string[];
  readonly query: CollectionQuery;
  readonly principal: Principal;
  /** Only rows that are the principal's own are there for the call. */
  readonly isOfOwn: boolean;
  readonly form: ResponseForm;
  /** What must hold of the one record that the call is about. */
  readonly conditions: Conditions;
  readonly tagOf: TagOf;
  readonly onRecord: ((which: number | string) => void) | undefined;
}

/** Whether a row is there for the call, and passes every filter of it. */
export function selectorOf({ query, isOfOwn, principal, schema }: Call): (row: unknown) => boolean {
  const { filters } = query;
  const { ownAccess } = schema.resource;
  return (row) =>
    (!isOfOwn || ownAccess?.isOwn(row, principal) === true) && filters.every((filter) => filter.matches(row));
}

/** How deep a record stands that is one of `records`. */
const depthInRecords = 2;

/** The renderer for what the call asked to see; at depth 0 the record is the whole response. */
export function rendererOf(
  call: Call,
  form: 'collection' | 'instance',
  depth = depthInRecords,
): RecordRenderer {
  const { schema, query } = call;
  const { hasLinks, isPretty } = call.form;
  const filtered = new Set(query.filters.flatMap(({ names }) => names));
  const names = projectedFields(query.selection, filtered, schema, form);
  return recordRenderer(schema, names, { hasLinks, layout: jsonLayout(isPretty), depth });
}

/**
 * The one row that is or has the key of the call (no row of a table has one), if the filters let it pass; else why not.
 */
export function findRow(call: Call): { readonly row: unknown } | ApiFailure {
  const row = rowAtKey(call);
  if (isFailure(row)) return row;
  if (row !== undefined && selectorOf(call)(row)) return { row };
  // Whose it is, or whether it is there at all, is not for who may only use what is his own.
  return call.isOfOwn ? failure(genericErrors.notAuthorized, {}) : missing(call);
}

/** Why there is no record of the call's key. */
export function missing({ request, schema: { resource, path }, key = '', principal }: Call): ApiFailure {
  const own = resource.kind === 'collection' ? resource.missing?.(key, principal, request.method) : undefined;
  return own ?? failure(genericErrors.entryNotFound, {}, path.at(-1));
}

function rowAtKey({ schema, key = '', principal }: Call): unknown {
  const { resource } = schema;
  switch (resource.kind) {
    case 'action':
    case 'table':
      return undefined;
    case 'singleton':
      return resource.read(principal);
    case 'collection':
      return resource.find(key, principal) ?? findInLowerCase(resource, key, principal);
  }
}

/** UUIDs are written in lower case and read in either (RFC 9562 4). */
function findInLowerCase(resource: CollectionResource<unknown>, key: string, principal: Principal): unknown {
  const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(key);
  return isUuid ? resource.find(key.toLowerCase(), principal) : undefined;
}

/** The failure as this call's response. */
export function fail(call: Call, reason: ApiFailure): ApiResponse {
  return failureResponse(call.form, reason);
}
