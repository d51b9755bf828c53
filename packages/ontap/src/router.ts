import { runAction } from './act.ts';
import type { ApiRequest, ApiResponse } from './api.ts';
import { type Call, fail } from './call.ts';
import { changeCollection, changeInstance } from './change.ts';
import { createInRelease } from './codes-of-release.ts';
import { createRecords } from './create.ts';
import { entityTags, isConditional, readConditions } from './entity-tag.ts';
import { type ErrorCode, failure, genericErrors } from './error-codes.ts';
import { createStatusOf } from './error-status.ts';
import { FailureError, isFailure } from './errors.ts';
import { isPretty } from './query/collection-query.ts';
import { isVerb, type Verb } from './query/parameters.ts';
import { createQueryReader } from './query-reader.ts';
import { readCollection, readInstance } from './read.ts';
import type { AccessVerb, Principal, Release, Resource } from './resource.ts';
import { failureResponse, jsonResponse, type ResponseForm, wantsLinks } from './response.ts';
import { allowedMethods, createRoutes, isOfOne, type Route, templateOf } from './route.ts';
import { compileSchema } from './schema.ts';
import { createTeller, type ToldRequest } from './told-request.ts';
import { type ResolveSvm, tunnelledPrincipal } from './tunnel.ts';
import { parseTarget, type RequestTarget } from './url.ts';

/** What somebody wants to do, before anything about a record is looked at. */
export interface Use {
  readonly resource: Resource<unknown>;
  readonly verb: AccessVerb;
  /** What stands where the resource's path has braces. */
  readonly within: readonly string[];
}

/** The records a use is open for: those that are there for the principal, of these its own only (`ownAccess`), or none at all. */
export type Reach = 'all' | 'own' | 'none';

/** What an API is made of. */
export interface ApiOptions {
  readonly resources: readonly Resource<unknown>[];
  /** The emulated release: what is newer is unknown, what has ended is gone. */
  readonly release: Release;
  readonly resolveSvm: ResolveSvm;
  /** Of which records the principal may use the verb; everybody of all where it is not said. */
  readonly reach?: (principal: Principal, use: Use) => Reach;
  /** What a record's entity tag says of its revision, in characters of a tag; the revision itself where it is not said. */
  readonly entityTag?: (revision: number) => string;
  /** Codes that the resources' own functions answer, with their statuses; a code in no catalogue is a 400. */
  readonly errorCodes?: readonly ErrorCode[];
  /** Told of every error that is nobody's answer; the client gets a fixed 500. */
  readonly onBug: (error: unknown, request: ApiRequest) => void;
  /** Told of each record of several whose turn has come: its place in the body's `records`, or the key of one that a query selected. */
  readonly onRecord?: (which: number | string) => void;
}

/** The REST dialect over a set of resources. */
export interface Api {
  /** Answers a request. Never rejects: what a resource throws becomes a 500 without its text. */
  handle(request: ApiRequest): Promise<ApiResponse>;
  /** What the request asks for, as may be kept. */
  tell(request: ApiRequest): ToldRequest;
}

/** Builds the dialect from descriptors: they are the only schema, nothing else is configured per endpoint. */
export function createApi(options: ApiOptions): Api {
  const { release, onBug } = options;
  const schemas = options.resources.flatMap((resource) => compileSchema(resource, release) ?? []);
  const known = new Set(schemas.map(({ resource }) => resource.path));
  const others = options.resources.map(({ path }) => path).filter((path) => !known.has(path));
  const readQuery = createQueryReader(release);
  const routeOf = createRoutes(schemas, others);
  const statusOf = createStatusOf(options.errorCodes ?? []);
  const tagOf = entityTags(options.entityTag ?? String);
  const inRelease = createInRelease(options.errorCodes ?? [], options.release);

  async function answer(
    request: ApiRequest,
    target: RequestTarget,
    route: Route,
    form: ResponseForm,
  ): Promise<ApiResponse> {
    const methods = allowedMethods(route);
    const allow = { allow: methods.join(', ') };
    if (request.method === 'OPTIONS') return jsonResponse(form, 200, {}, allow);
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    if (!methods.includes(method) || !isVerb(method)) {
      const reason = { method: request.method, path: target.path };
      return failureResponse(form, failure(genericErrors.methodNotAllowed, reason), {}, allow);
    }
    if (method === 'GET' && request.body.length > 0) {
      return failureResponse(form, failure(genericErrors.bodyNotAllowed, { method: request.method }));
    }
    const principal = tunnelledPrincipal(request, options.resolveSvm);
    if (isFailure(principal)) return failureResponse(form, principal);
    const use = { resource: route.schema.resource, verb: method, within: route.within };
    const reach = options.reach?.(principal, use) ?? 'all';
    if (reach === 'none') return failureResponse(form, failure(genericErrors.notAuthorized, {}));
    const query = readQuery(target, route, method);
    if (isFailure(query)) return failureResponse(form, query);
    const conditions = readConditions(request.ifMatch, request.ifNoneMatch);
    if (isFailure(conditions)) return failureResponse(form, conditions);
    const isOfRecord = method === 'GET' || (method !== 'POST' && isOfOne(route));
    if (!isOfRecord && isConditional(conditions))
      return failureResponse(form, failure(genericErrors.preconditionOfMany, {}));
    const { onRecord } = options;
    const isOfOwn = reach === 'own';
    return serve(
      { request, target, ...route, query, principal, isOfOwn, form, conditions, tagOf, onRecord },
      method,
    );
  }

  return {
    handle: async (request) => {
      const target = parseTarget(request.url);
      const form: ResponseForm = {
        hasLinks: wantsLinks(request.accept),
        isPretty: isPretty(target?.parameters ?? []),
        statusOf,
        inRelease,
      };
      if (target === undefined) {
        const reason = 'a percent-encoding is broken';
        return failureResponse(form, failure(genericErrors.invalidUrl, { reason }));
      }
      const route = routeOf(target);
      if (isFailure(route)) {
        const refused = failureResponse(form, route);
        return request.method === 'HEAD' ? withoutBody(refused) : refused;
      }
      const template = templateOf(route);
      try {
        const response = await answer(request, target, route, form);
        return { ...(request.method === 'HEAD' ? withoutBody(response) : response), route: template };
      } catch (error) {
        if (error instanceof FailureError) {
          const refused = { ...failureResponse(form, error.failure), route: template };
          return request.method === 'HEAD' ? withoutBody(refused) : refused;
        }
        // A client that went away is no bug of ours, and nobody reads the answer.
        if (!request.signal.aborted || error !== request.signal.reason) onBug(error, request);
        return { ...failureResponse(form, failure(genericErrors.internal, {})), route: template };
      }
    },
    tell: createTeller(schemas, routeOf),
  };
}

/** HEAD tells how long the body of a GET would be (RFC 9110 9.3.2). */
function withoutBody(whole: ApiResponse): ApiResponse {
  const { body, headers, ...response } = whole;
  if (response.status === 304) return whole;
  return { ...response, headers: { ...headers, 'content-length': `${Buffer.byteLength(body)}` }, body: '' };
}

async function serve(call: Call, verb: Verb): Promise<ApiResponse> {
  const { resource } = call.schema;
  if (resource.kind === 'action') return runAction(call, resource);
  const many = resource.kind !== 'singleton' && call.key === undefined ? resource : undefined;
  switch (verb) {
    case 'GET':
      return many === undefined ? readInstance(call) : readCollection(call, many);
    case 'POST':
      return many === undefined
        ? fail(call, failure(genericErrors.apiNotFound, {}))
        : createRecords(call, many);
    case 'PATCH':
    case 'DELETE':
      return many === undefined ? changeInstance(call, verb) : changeCollection(call, many, verb);
  }
}
