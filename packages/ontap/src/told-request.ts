import type { ApiRequest } from './api.ts';
import { type ApiFailure, isFailure } from './errors.ts';
import { parseFieldText } from './field-value.ts';
import { genericParameters } from './query/parameters.ts';
import type { CollectionResource, Field, Principal } from './resource.ts';
import type { Route } from './route.ts';
import type { Schema } from './schema.ts';
import { shownText, type Telling, type ToldBody, toldBody, untold } from './told-body.ts';
import { isKnownFilter, uuidForm } from './told-value.ts';
import { parseTarget, type QueryParameter, type RequestTarget } from './url.ts';

/**
 * What a request asks for, as may be kept by whoever keeps an account of it. Only what the descriptors know and show is in
 * it: values of write-only fields are `***`, and `…` stands for everything else, because it may be a secret that was sent to the
 * wrong place.
 */
export interface ToldRequest {
  /** Whether what it is about may belong to an SVM. */
  readonly isOfSvms: boolean;
  /** Its words. Paths are told as of the moment when the request was taken up: what it deletes had a name then. */
  tell(telling: Telling): ToldParts;
}

/** The words of a request. */
export interface ToldParts extends ToldBody {
  /** Method, path and query. */
  readonly line: string;
}

/** Tells what requests ask for, by the resources of the API. */
export function createTeller(
  schemas: readonly Schema[],
  routeOf: (target: RequestTarget) => Route | ApiFailure,
): (request: ApiRequest) => ToldRequest {
  const known = new Set(['api', ...schemas.flatMap(({ resource }) => resource.path.split('/'))]);
  const toldOf = (
    request: ApiRequest,
    path: string,
    target?: RequestTarget,
    schema?: Schema,
  ): ToldRequest => {
    const { method, body } = request;
    return {
      isOfSvms: schema !== undefined && mayBeOfSvms(schema),
      tell: (telling) => ({
        line: `${method} ${path}${target === undefined ? '' : toldQuery(target, schema, telling)}`,
        ...toldBody(body, schema, telling),
      }),
    };
  };
  return (request) => {
    const target = parseTarget(request.url);
    if (target === undefined) return toldOf(request, untold);
    const route = routeOf(target);
    if (!isFailure(route)) return toldOf(request, toldPath(route, request), target, route.schema);
    const path = target.elements.map((element) => `/${known.has(element) ? element : untold}`).join('');
    return toldOf(request, path, target);
  };
}

/** Its records say which SVM they are of, or accounts of an SVM can do something with them. */
function mayBeOfSvms({ resource: { svmAccess = [] }, fields }: Schema): boolean {
  const isSaid = ['svm.name', 'owner.name', 'vserver'].some((name) => fields.has(name));
  return isSaid || svmAccess.some((verb) => verb !== 'GET');
}

/** The path of the resource, and of the keys in and behind it what is a UUID or calls a record that there is. */
function toldPath({ schema: { resource }, key, within }: Route, { principal }: ApiRequest): string {
  const isRecord = resource.kind === 'collection' && isThere(resource, key, within, principal);
  const tell = (each: string): string => (isRecord || uuidForm.test(each) ? each : untold);
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

function toldQuery({ parameters }: RequestTarget, schema: Schema | undefined, telling: Telling): string {
  if (parameters.length === 0) return '';
  const told = parameters.map((parameter) =>
    schema === undefined ? untold : toldParameter(parameter, schema, telling),
  );
  return `?${[...new Set(told)].join('&')}`;
}

function toldParameter({ name, value = '' }: QueryParameter, schema: Schema, telling: Telling): string {
  if (Object.hasOwn(genericParameters, name)) return `${name}=${toldGeneric(name, value, schema)}`;
  // A field may have the name of a parameter, and only be written.
  if (schema.resource.parameters?.some((each) => each.name === name) === true)
    return `${name}=${isPlain(value) ? value : untold}`;
  const field = schema.filtered(name)?.field;
  return field === undefined ? untold : `${name}=${toldFilter(value, field, telling)}`;
}

function toldFilter(text: string, field: Field<unknown>, telling: Telling): string {
  if (field.get === undefined) return '***';
  if (isKnownFilter(text, field)) return text;
  return telling === 'accepted' && field.isOpaque !== true ? shownText(text) : untold;
}

/** Whether a parameter of our own, which has no descriptor of its values, is a truth value, a number or an address. */
function isPlain(text: string): boolean {
  return (['boolean', 'integer', 'address'] as const).some(
    (type) => parseFieldText(type, text) !== undefined,
  );
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
