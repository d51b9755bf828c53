import {
  type OpenApiDocument,
  type Operation,
  type Parameter,
  type PathItem,
  type PathMethod,
  pathMethods,
} from './openapi-document.ts';
import { exampleUuid, exampleValue } from './openapi-example.ts';
import { headOperation, optionsOperation, type Place, tagOf, verbOperation } from './openapi-operation.ts';
import { ParameterComponents, schemaName } from './openapi-parameters.ts';
import { headerComponents, type Scope } from './openapi-responses.ts';
import { bodySchema, commonSchemas, pageSchema, recordSchema, schemaReference } from './openapi-schema.ts';
import { isVerb } from './query/parameters.ts';
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

/** The OpenAPI 3.1 description of a set of resources, from their descriptors alone. */
export function openApiDocument(options: OpenApiOptions): OpenApiDocument {
  const { title, version, release } = options;
  const components = new ParameterComponents();
  const known = options.resources.flatMap((resource) => compileSchema(resource, release) ?? []);
  const paths = Object.fromEntries(
    known.flatMap((schema) =>
      scopesOf(schema).map((scope) => {
        const place: Place = { schema, scope, release, components };
        return [pathOf(schema, scope), pathItem(place)];
      }),
    ),
  );
  return {
    openapi: '3.1.1',
    info: { title, version, description, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/api' }],
    security: [{ basic: [] }],
    tags: [...new Set(known.map(({ resource }) => tagOf(resource.path)))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic', description: 'An account of this server.' },
      },
      headers: headerComponents,
      parameters: components.all(),
      schemas: { ...commonSchemas, ...Object.fromEntries(known.flatMap(schemasOf)) },
    },
  };
}

const description = `ONTAP's REST dialect.

- **Links**: with \`Accept: application/json\` there are no \`_links\` but \`next\`; with anything else there are.
- **Filters** are queries: \`value\`, \`!value\`, \`a|b\`, \`>5\`, \`1..9\`, \`text*\`, \`null\`, \`!null\`; quotes or
  braces take their meaning from special characters. Several filters must all hold.
- **Bodies** may nest objects or write dotted names (\`"svm.name"\`), and numbers and booleans as strings.
- **PATCH and DELETE of many**: by filters in the query, or by \`records\` in the body.
- **HEAD** is GET without the body.`;

function scopesOf({ resource }: Schema): readonly Scope[] {
  if (resource.kind === 'singleton' || resource.kind === 'action') return [resource.kind];
  return resource.kind === 'table' ? ['collection'] : ['collection', 'instance'];
}

function pathOf({ resource, path }: Schema, scope: Scope): string {
  return scope === 'instance' ? [resource.path, ...path.map((name) => `{${name}}`)].join('/') : resource.path;
}

function pathItem(place: Place): PathItem {
  const { schema, scope } = place;
  const methods = allowedMethods({ schema, key: scope === 'instance' ? exampleUuid : undefined });
  const operations: Partial<Record<PathMethod, Operation>> = {};
  for (const method of pathMethods) {
    const name = method.toUpperCase();
    if (methods.includes(name)) operations[method] = operationOf(place, name);
  }
  const parameters = pathParameters(schema, scope);
  return {
    summary: schema.resource.title,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...operations,
  };
}

function operationOf(place: Place, method: string): Operation {
  if (isVerb(method)) return verbOperation(place, method);
  return method === 'HEAD' ? headOperation(place) : optionsOperation(place);
}

/** The fields in braces; of an action, the one there is stands for its record. */
function pathParameters(schema: Schema, scope: Scope): readonly Parameter[] {
  const names = Array.from(pathOf(schema, scope).matchAll(/\{([^}]+)\}/g), ([, name = '']) => name);
  return names.map((name) => {
    const field = scope === 'action' ? undefined : schema.fields.get(name);
    return {
      name,
      in: 'path',
      required: true,
      description: field?.description ?? 'The record it is about.',
      schema: { type: 'string' },
      example: field === undefined ? exampleUuid : exampleValue(name, field),
    };
  });
}

function schemasOf(schema: Schema) {
  const { resource } = schema;
  const name = schemaName(resource.path);
  const methods = new Set(allowedMethods({ schema, key: undefined }));
  return [
    [name, recordSchema(schema)],
    ...(resource.kind === 'action' ? [] : [[`${name}.page`, pageSchema(schemaReference(name))] as const]),
    ...(methods.has('POST') ? [[`${name}.post`, bodySchema(schema, 'post')] as const] : []),
    ...(methods.has('PATCH') ? [[`${name}.patch`, bodySchema(schema, 'patch')] as const] : []),
  ] as const;
}
