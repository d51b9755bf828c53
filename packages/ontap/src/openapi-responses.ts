import { type ErrorCode, genericErrors } from './error-codes.ts';
import { type Content, type JsonObject, lifeOf, type Reference, type Response } from './openapi-document.ts';
import { schemaReference } from './openapi-schema.ts';
import type { Verb } from './query/parameters.ts';
import { isKnownIn } from './release.ts';
import type { Release } from './resource.ts';
import type { Schema } from './schema.ts';

/** Where a verb acts: on a collection or table, on one record of a collection, on a singleton; or it is an action. */
export type Scope = 'collection' | 'instance' | 'singleton' | 'action';

/** A JSON body in both of our media types, with an example where one is given. */
export function jsonContent(schema: JsonObject | Reference, example?: unknown): Content {
  const examples = example === undefined ? {} : { examples: { example: { value: example } } };
  return {
    'application/hal+json': { schema, ...examples },
    'application/json': { schema },
  };
}

/** The headers that operations name, as components. */
export const headerComponents: JsonObject = {
  Location: {
    description: 'Path of the new record, from /api/ on; absent when `records` made several.',
    schema: { type: 'string' },
    example: '/api/svm/svms/1f0cbd2e-6ed6-4ff3-9b2f-8c1f86d4f001',
  },
  Link: {
    description: 'The `next` link once more; absent on the last page.',
    schema: { type: 'string' },
    example: '</api/svm/svms?max_records=1&start=WyJ1dWlkIixbIjEiXV0>; rel="next"',
  },
  ETag: {
    description:
      'The version of the record itself: every change of it gives it another one. Send it as If-Match to change or delete that version only.',
    schema: { type: 'string' },
    example: '"kWm2wYlC0pQ6nTqgZ1yA7w"',
  },
  Allow: {
    description: 'The methods of the path.',
    schema: { type: 'string' },
    example: 'GET, HEAD, OPTIONS',
  },
};

/** A reference to one of `headerComponents`. */
export function headerReference(name: 'Location' | 'Link' | 'ETag' | 'Allow'): Record<string, Reference> {
  return { [name]: { $ref: `#/components/headers/${name}` } };
}

/** The refusals of an operation by status, each with its codes. */
export function errorResponses(
  schema: Schema,
  scope: Scope,
  verb: Verb,
  release: Release,
): Readonly<Record<string, Response>> {
  const codes = [...dialectErrors(schema, scope, verb), ...(schema.resource.errors?.[verb] ?? [])];
  const byStatus = new Map<number, ErrorCode[]>();
  for (const entry of codes.filter((each) => isToldIn(release, each))) {
    byStatus.set(entry.status, [...(byStatus.get(entry.status) ?? []), entry]);
  }
  const responses = [...byStatus]
    .sort(([a], [b]) => a - b)
    .map(([status, entries]) => [`${status}`, errorResponse(entries)] as const);
  return Object.fromEntries(responses);
}

/** Whether the release has both the code and what it is about. */
function isToldIn(release: Release, entry: ErrorCode): boolean {
  return isKnownIn(release, entry) && isKnownIn(release, { since: entry.subjectSince });
}

/** A refusal with any of the codes, which have one status. */
export function errorResponse(entries: readonly ErrorCode[]): Response {
  const codes = [...new Set(entries.map(({ code }) => code))];
  return {
    description: `Refused: ${codes.join(', ')}.`,
    content: {
      'application/hal+json': { schema: schemaReference('error') },
      'application/json': { schema: schemaReference('error') },
    },
    'x-ontap-codes': entries.map((entry) => ({
      code: entry.code,
      message: entry.message,
      ...lifeOf({ ...entry, since: entry.since ?? entry.subjectSince }),
    })),
  };
}

/** Whether an operation is about one record that has a tag. */
export function isTagged({ revision }: Schema['resource'], scope: Scope): boolean {
  return revision !== undefined && isOne(scope);
}

function isOne(scope: Scope): boolean {
  return scope === 'instance' || scope === 'singleton';
}

/** The dialect's own refusals that the operation can meet. */
function dialectErrors({ resource }: Schema, scope: Scope, verb: Verb): readonly ErrorCode[] {
  const generic = genericErrors;
  const always = [
    generic.unexpectedArgument,
    generic.missingAssignment,
    generic.specifiedTwice,
    generic.invalidValue,
    generic.invalidUrl,
    generic.svmsDisagree,
    generic.unauthenticated,
    generic.notAuthorized,
    generic.svmNotFound,
    generic.internal,
    generic.preconditionUnreadable,
  ];
  const isOfOne = scope === 'instance' || resource.path.includes('{');
  const isOfRecord = verb === 'GET' || (verb !== 'POST' && scope !== 'collection');
  const selects = scope === 'collection' && verb !== 'POST';
  const takesBody = verb !== 'GET';
  // DELETE of one record reads `records` too, to refuse those of others.
  const hasRecords = scope === 'collection' ? verb !== 'GET' : scope === 'instance' && verb === 'DELETE';
  const takesRecords = hasRecords && resource.kind === 'collection';
  return [
    ...always,
    ...(verb === 'GET' ? [generic.bodyNotAllowed] : []),
    ...(selects ? [generic.missingQueryValue, generic.invalidQuerySyntax, generic.invalidPageToken] : []),
    ...(selects && verb !== 'GET' ? [generic.missingFilter] : []),
    ...(takesBody ? [generic.invalidJson, generic.invalidJsonAt, generic.invalidJsonRange] : []),
    ...(takesBody ? [generic.notAnObject, generic.unexpectedBodyArray, generic.unexpectedArray] : []),
    ...(takesBody ? [generic.notWritable, generic.notAmongValues, generic.invalidSecretValue] : []),
    ...(takesRecords ? [generic.recordsWithOthers] : []),
    ...(takesRecords && verb !== 'POST' ? [generic.missingKey] : []),
    ...(isOfOne || (takesRecords && verb !== 'POST') ? [generic.entryNotFound] : []),
    ...(isTagged(resource, scope) ? [generic.preconditionFailed, generic.preconditionWeak] : []),
    ...(isTagged(resource, scope) && verb !== 'GET' ? [generic.preconditionOfOther] : []),
    ...(isOfRecord ? [] : [generic.preconditionOfMany]),
    ...(isOne(scope) && !isTagged(resource, scope) ? [generic.preconditionWithoutTag] : []),
  ];
}
