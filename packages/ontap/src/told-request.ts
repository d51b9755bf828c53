import type { ApiRequest } from './api.ts';
import { type ApiFailure, isFailure } from './errors.ts';
import { parseFieldText } from './field-value.ts';
import { genericParameters } from './query/parameters.ts';
import type { CollectionResource, Principal } from './resource.ts';
import type { Route } from './route.ts';
import type { Schema } from './schema.ts';
import { shownText, type ToldBody, toldBody, untold } from './told-body.ts';
import { parseTarget, type QueryParameter, type RequestTarget } from './url.ts';

/**
 * What a request asks for, as may be kept by whoever keeps an account of it. Only what the descriptors know and show is in
 * it: values of write-only fields are `***`, and `…` stands for everything that nobody knows, because it may be a secret that
 * was sent to the wrong place.
 */
export interface ToldRequest extends ToldBody {
  /** Method, path and query. */
  readonly line: string;
}

/** Tells what requests ask for, by the resources of the API. */
export function createTeller(
  schemas: readonly Schema[],
  routeOf: (target: RequestTarget) => Route | ApiFailure,
): (request: ApiRequest) => ToldRequest {
  const known = new Set(['api', ...schemas.flatMap(({ resource }) => resource.path.split('/'))]);
  return (request) => {
    const { method, body } = request;
    const target = parseTarget(request.url);
    if (target === undefined) return { line: `${method} ${untold}`, ...toldBody(body, undefined) };
    const route = routeOf(target);
    if (isFailure(route)) {
      const path = target.elements.map((element) => `/${known.has(element) ? element : untold}`).join('');
      return { line: `${method} ${path}${toldQuery(target, undefined)}`, ...toldBody(body, undefined) };
    }
    const line = `${method} ${toldPath(route, request)}${toldQuery(target, route.schema)}`;
    return { line, ...toldBody(body, route.schema) };
  };
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The path of the resource, and of the keys in and behind it what is a UUID or calls a record that there is. */
function toldPath({ schema: { resource }, key, within }: Route, { principal }: ApiRequest): string {
  const isRecord = resource.kind === 'collection' && isThere(resource, key, within, principal);
  const tell = (each: string): string => (isRecord || uuid.test(each) ? each : untold);
  const inBraces = within.values();
  const path = resource.path.replace(/\{[^}]*\}/g, () => tell(inBraces.next().value ?? ''));
  if (key === undefined || resource.kind === 'action') return `/api${path}`;
  // A key in a path within another's may have slashes.
  if (within.length > 0) return `/api${path}/${tell(key.slice(within.join('/').length + 1))}`;
  return `/api${path}${key
    .split('/')
    .map((each) => `/${tell(each)}`)
    .join('')}`;
}

function isThere(
  resource: CollectionResource<unknown>,
  key: string | undefined,
  within: readonly string[],
  principal: Principal,
): boolean {
  if (key === undefined) return within.length > 0 && !isFailure(resource.list(principal, new Map(), within));
  const found = resource.find(key, principal);
  return found !== undefined && !isFailure(found);
}

function toldQuery({ parameters }: RequestTarget, schema: Schema | undefined): string {
  if (parameters.length === 0) return '';
  const told = parameters.map((parameter) =>
    schema === undefined ? untold : toldParameter(parameter, schema),
  );
  return `?${[...new Set(told)].join('&')}`;
}

function toldParameter({ name, value = '' }: QueryParameter, schema: Schema): string {
  if (Object.hasOwn(genericParameters, name)) return `${name}=${toldGeneric(name, value, schema)}`;
  const field = schema.resolve(name)?.field;
  if (field !== undefined) return `${name}=${field.get === undefined ? '***' : shownText(value)}`;
  const extension = schema.resource.parameters?.some((each) => each.name === name) === true;
  return extension ? `${name}=${/^[a-z0-9]{1,16}$/i.test(value) ? value : untold}` : untold;
}

/** Numbers and truth values are told, and fields by name; free text and page tokens are not. */
function toldGeneric(name: string, value: string, schema: Schema): string {
  const type = genericParameters[name]?.type;
  if (type === 'integer' || type === 'boolean')
    return parseFieldText(type, value) === undefined ? untold : value;
  if (!['fields', 'query_fields', 'order_by', '$orderBy'].includes(name)) return untold;
  return value
    .split(',')
    .map((entry) => {
      const [, field = '', direction = ''] = /^\s*!?(\S+?)(\s+(?:asc|desc))?\s*$/i.exec(entry) ?? [];
      const isField = field === '*' || field === '**' || schema.expand(field).length > 0;
      return isField ? `${field}${direction}` : untold;
    })
    .join(',');
}
