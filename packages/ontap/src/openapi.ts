import { type JsonObject, recordSchema } from './openapi-schema.ts';
import { genericParameters, isVerb, type Verb } from './query/parameters.ts';
import { isKnownIn } from './release.ts';
import type { Release, Resource } from './resource.ts';
import { allowedMethods } from './route.ts';
import { compileSchema, type Schema } from './schema.ts';

/** What an OpenAPI document says besides its resources. */
export interface OpenApiOptions {
  readonly title: string;
  readonly version: string;
  readonly resources: readonly Resource<unknown>[];
  /** Only what this release knows is described. */
  readonly release: Release;
}

/**
 * The OpenAPI 3.1 description of a set of resources, from their descriptors alone.
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export function openApiDocument({ title, version, resources, release }: OpenApiOptions): JsonObject {
  const paths: Record<string, unknown> = {};
  const schemas: Record<string, unknown> = { error: errorSchema, links: linksSchema };
  for (const resource of resources) {
    const schema = compileSchema(resource, release);
    if (schema === undefined) continue;
    schemas[schemaName(resource)] = recordSchema(schema, (field) => field.get !== undefined);
    Object.assign(paths, pathsOf(schema, release));
  }
  return {
    openapi: '3.1.0',
    info: { title, version },
    servers: [{ url: '/api' }],
    security: [{ basic: [] }],
    paths,
    components: { securitySchemes: { basic: { type: 'http', scheme: 'basic' } }, schemas },
  };
}

type Scope = 'collection' | 'instance' | 'singleton';

function pathsOf(schema: Schema, release: Release): Record<string, unknown> {
  const { resource } = schema;
  if (resource.kind !== 'collection') {
    const scope = resource.kind === 'table' ? 'collection' : 'singleton';
    return { [resource.path]: operationsOf(schema, scope, release) };
  }
  const key = { name: resource.key, in: 'path', required: true, schema: { type: 'string' } };
  return {
    [resource.path]: operationsOf(schema, 'collection', release),
    [`${resource.path}/{${resource.key}}`]: {
      parameters: [key],
      ...operationsOf(schema, 'instance', release),
    },
  };
}

function operationsOf(schema: Schema, scope: Scope, release: Release): JsonObject {
  const verbs = allowedMethods({ schema, key: scope === 'instance' ? '{key}' : undefined }).filter(isVerb);
  return Object.fromEntries(
    verbs.map((verb) => [verb.toLowerCase(), operationOf(schema, scope, verb, release)]),
  );
}

function operationOf(schema: Schema, scope: Scope, verb: Verb, release: Release): JsonObject {
  const name = schemaName(schema.resource);
  const record = { $ref: `#/components/schemas/${name}` };
  const answer =
    verb !== 'GET' ? { type: 'object' } : scope === 'collection' ? collectionSchema(record) : record;
  const use = verb === 'POST' ? 'post' : verb === 'PATCH' ? 'patch' : undefined;
  const body = use && recordSchema(schema, (field) => field.writable?.includes(use) === true);
  return {
    operationId: `${verb.toLowerCase()}_${name}_${scope}`,
    summary: `${summaries[verb]} (${schema.resource.title})`,
    parameters: parametersOf(schema, verb, release, scope === 'collection' && verb !== 'POST'),
    ...(body === undefined ? {} : { requestBody: { content: jsonContent(body) } }),
    responses: {
      [verb === 'POST' ? '201' : '200']: { description: 'Done.', content: jsonContent(answer) },
      default: { description: 'Refused.', content: jsonContent({ $ref: '#/components/schemas/error' }) },
    },
  };
}

function parametersOf(
  schema: Schema,
  verb: Verb,
  release: Release,
  hasFilters: boolean,
): readonly JsonObject[] {
  const generic = Object.entries(genericParameters)
    .filter(([, parameter]) => parameter.verbs.includes(verb) && isKnownIn(release, parameter))
    .map(([name, { type, description }]) => ({ name, in: 'query', description, schema: { type } }));
  const extensions = (schema.resource.parameters ?? [])
    .filter(({ methods }) => methods.some((method) => method === verb))
    .map(({ name, description, type = 'string' }) => ({ name, in: 'query', description, schema: { type } }));
  const filters = [...schema.fields]
    .filter(([, field]) => hasFilters && schema.isFilterable(field))
    .flatMap(([name, { description, aliases = [] }]) =>
      [name, ...aliases].map((each) => ({
        name: each,
        in: 'query',
        description: `Only records whose \`${name}\` matches. ${description}`,
        schema: { type: 'string' },
      })),
    );
  return [...generic, ...extensions, ...filters];
}

function collectionSchema(record: JsonObject): JsonObject {
  return {
    type: 'object',
    properties: {
      records: { type: 'array', items: record },
      num_records: { type: 'integer' },
      observed_at: { type: 'string', format: 'date-time' },
      _links: { $ref: '#/components/schemas/links' },
    },
  };
}

function jsonContent(schema: JsonObject): JsonObject {
  return { 'application/hal+json': { schema }, 'application/json': { schema } };
}

function schemaName({ path }: Resource<unknown>): string {
  return path.replace(/^\//, '').replace(/\W+/g, '_');
}

const summaries: Readonly<Record<Verb, string>> = {
  GET: 'Read',
  POST: 'Create',
  PATCH: 'Modify',
  DELETE: 'Delete',
};

const hrefSchema: JsonObject = { type: 'object', properties: { href: { type: 'string' } } };

const linksSchema: JsonObject = { type: 'object', properties: { self: hrefSchema, next: hrefSchema } };

const errorSchema: JsonObject = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'string' },
        message: { type: 'string' },
        target: { type: 'string' },
        arguments: {
          type: 'array',
          items: {
            type: 'object',
            properties: { code: { type: 'string' }, message: { type: 'string' } },
          },
        },
      },
    },
  },
};
