import { genericErrors } from './error-codes.ts';
import {
  type JsonObject,
  lifeOf,
  type Operation,
  type Reference,
  type Response,
} from './openapi-document.ts';
import { exampleDefaults, exampleKey, exampleRecord } from './openapi-example.ts';
import {
  conditionHeaders,
  type ParameterComponents,
  schemaName,
  verbParameters,
} from './openapi-parameters.ts';
import {
  errorResponse,
  errorResponses,
  headerReference,
  isTagged,
  jsonContent,
  type Scope,
} from './openapi-responses.ts';
import { keyedBodySchema, manySchema, schemaReference } from './openapi-schema.ts';
import type { Verb } from './query/parameters.ts';
import type { Release } from './resource.ts';
import type { Schema } from './schema.ts';

/** What the verbs of one path have in common. */
export interface Place {
  readonly schema: Schema;
  readonly scope: Scope;
  readonly release: Release;
  readonly components: ParameterComponents;
}

/** GET, POST, PATCH or DELETE. */
export function verbOperation(place: Place, verb: Verb): Operation {
  const { schema, scope, release, components } = place;
  const body = requestBody(place, verb);
  return {
    ...commonMembers(place, verb, summaryOf(place, verb)),
    parameters: components.refer([
      ...verbParameters(schema, { verb, release, isOfOne: scope !== 'collection' }),
      ...(isTagged(schema.resource, scope) ? conditionHeaders : []),
    ]),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: {
      [verb === 'POST' && scope !== 'action' ? '201' : '200']: success(place, verb),
      ...(verb === 'GET' && isTagged(schema.resource, scope) ? { '304': notModified } : {}),
      ...errorResponses(schema, scope, verb, release),
    },
  };
}

const notModified: Response = {
  description: 'The client has the record: If-None-Match names its tag.',
  headers: headerReference('ETag'),
};

/** HEAD: what GET answers, without the body. */
export function headOperation(place: Place): Operation {
  const { parameters, responses } = verbOperation(place, 'GET');
  const bodiless = Object.entries(responses).map(([status, { content: _, ...response }]) => [
    status,
    response,
  ]);
  return {
    ...commonMembers(place, 'HEAD', `Headers of GET: ${place.schema.resource.title}`),
    parameters,
    responses: Object.fromEntries(bodiless),
  };
}

/** OPTIONS: which methods there are. */
export function optionsOperation(place: Place): Operation {
  const { title } = place.schema.resource;
  return {
    ...commonMembers(place, 'OPTIONS', `Methods of this path: ${title}`),
    parameters: [],
    responses: {
      '200': {
        description: 'An empty object; the methods are in the header.',
        headers: headerReference('Allow'),
        content: jsonContent({ type: 'object' }, {}),
      },
      '401': errorResponse([genericErrors.unauthenticated]),
    },
  };
}

function commonMembers({ schema, scope }: Place, method: string, summary: string) {
  const { path } = schema.resource;
  return {
    operationId: `${method.toLowerCase()}_${schemaName(path)}_${scope}`,
    summary,
    tags: [tagOf(path)],
    ...lifeOf(schema.resource),
  };
}

/** The group a resource belongs to: the first element of its path. */
export function tagOf(path: string): string {
  return path.split('/')[1] ?? path;
}

function requestBody({ schema, scope }: Place, verb: Verb): Operation['requestBody'] {
  const { resource, path } = schema;
  const name = schemaName(resource.path);
  const { post, patch } = resource.examples ?? {};
  const isMany = scope === 'collection' && path.length > 0;
  if (verb === 'POST') {
    const one = schemaReference(`${name}.post`);
    if (scope === 'action') return { required: true, content: jsonContent(one, post) };
    return { required: true, content: jsonContent({ anyOf: [one, manySchema(one)] }, post) };
  }
  if (verb === 'PATCH') {
    const one = schemaReference(`${name}.patch`);
    const many = path.length === 0 ? one : manySchema(keyedBodySchema(schema, one));
    return { required: true, content: jsonContent(isMany ? { anyOf: [one, many] } : one, patch) };
  }
  if (verb === 'DELETE' && isMany) {
    const many = manySchema(keyedBodySchema(schema, undefined));
    const example = Object.fromEntries(path.map((each) => [each, exampleKey(schema, each)]));
    return { required: false, content: jsonContent(many, { records: [example] }) };
  }
  return undefined;
}

function success({ schema, scope }: Place, verb: Verb): Response {
  const name = schemaName(schema.resource.path);
  const page = schemaReference(`${name}.page`);
  if (scope === 'action') {
    return {
      description: 'What came of it.',
      content: jsonContent(schemaReference(name), exampleRecord(schema)),
    };
  }
  const tag = isTagged(schema.resource, scope) ? headerReference('ETag') : undefined;
  if (verb === 'GET' && scope !== 'collection') {
    return {
      description: 'The record.',
      ...(tag && { headers: tag }),
      content: jsonContent(schemaReference(name), exampleRecord(schema)),
    };
  }
  if (verb === 'GET') {
    return {
      description: 'A page of records.',
      headers: headerReference('Link'),
      content: jsonContent(page, examplePage(schema)),
    };
  }
  if (verb === 'POST') {
    return {
      description: 'Created. The body is empty but for `return_records`, or several records.',
      ...(schema.path.length > 0 && { headers: headersOfNew(schema) }),
      content: jsonContent(page, {}),
    };
  }
  return {
    description: verb === 'PATCH' ? 'Changed.' : 'Deleted.',
    ...(scope === 'collection' && { headers: headerReference('Link') }),
    ...(verb === 'PATCH' && tag && { headers: tag }),
    content: jsonContent(page, scope === 'collection' ? { num_records: 1 } : {}),
  };
}

function headersOfNew({ resource }: Schema): Record<string, Reference> {
  const tag = resource.revision === undefined ? {} : headerReference('ETag');
  return { ...headerReference('Location'), ...tag };
}

function examplePage(schema: Schema): JsonObject {
  const href = `/api${schema.resource.path}`;
  return { records: [exampleDefaults(schema)], num_records: 1, _links: { self: { href } } };
}

function summaryOf({ schema, scope }: Place, verb: Verb): string {
  const { title } = schema.resource;
  if (scope === 'action') return title;
  return `${summaries[verb]} ${scope === 'instance' ? 'one of: ' : ''}${title}`;
}

const summaries: Readonly<Record<Verb, string>> = {
  GET: 'Read',
  POST: 'Create',
  PATCH: 'Modify',
  DELETE: 'Delete',
};
