import { type JsonObject, lifeOf, type Parameter, type Reference } from './openapi-document.ts';
import { exampleQuery } from './openapi-example.ts';
import {
  type Asking,
  type GenericParameter,
  genericParameters,
  isTaken,
  sinceOf,
  type Verb,
} from './query/parameters.ts';
import type { Schema } from './schema.ts';

/** A parameter and the name of its component: the same name is the same parameter. */
interface NamedParameter {
  readonly component: string;
  readonly parameter: Parameter;
}

/** The parameters among a document's components, filled as operations refer to them. */
export class ParameterComponents {
  readonly #parameters = new Map<string, Parameter>();

  /** References to the parameters, which are components from now on. */
  refer(parameters: readonly NamedParameter[]): readonly Reference[] {
    return parameters.map(({ component, parameter }) => {
      this.#parameters.set(component, parameter);
      return { $ref: `#/components/parameters/${component}` };
    });
  }

  /** All that were referred to. */
  all(): Readonly<Record<string, Parameter>> {
    return Object.fromEntries(this.#parameters);
  }
}

/** Everything a verb takes in its query and its headers; filters where it selects among records. */
export function verbParameters(schema: Schema, asking: Asking): readonly NamedParameter[] {
  const { verb, isOfOne } = asking;
  const hasFilters = !isOfOne && verb !== 'POST';
  const generic = Object.entries(genericParameters)
    .filter(([, parameter]) => isTaken(parameter, asking))
    .map(([name, parameter]) => genericParameter(name, parameter, verb));
  return [...tunnelHeaders, ...generic, ...extensions(schema, verb), ...(hasFilters ? filters(schema) : [])];
}

const tunnelHeaders: readonly NamedParameter[] = ['X-Dot-SVM-Name', 'X-Dot-SVM-UUID'].map((name) => ({
  component: name,
  parameter: {
    name,
    in: 'header',
    description: 'Narrows the request to this SVM: records of others do not exist for it.',
    schema: { type: 'string' },
  },
}));

/** What must hold of the record (RFC 9110 13.1). */
export const conditionHeaders: readonly NamedParameter[] = [
  {
    name: 'If-Match',
    description:
      'Tags, one of which the record must have, or `*`; else nothing is done (412). It is held until the change is on disk.',
  },
  { name: 'If-None-Match', description: 'Tags that the record must not have: a GET is answered 304.' },
].map(({ name, description }) => ({
  component: name,
  parameter: { name, in: 'header', description, schema: { type: 'string' }, example: '"42"' },
}));

function genericParameter(name: string, parameter: GenericParameter, verb: Verb): NamedParameter {
  const { type, description, default: value, least, most } = parameter;
  const defaultValue = typeof value === 'object' ? value[verb] : value;
  const since = sinceOf(parameter, verb);
  const isByVerb = typeof value === 'object' || since !== parameter.since;
  const schema: JsonObject = {
    type,
    ...(defaultValue === undefined ? {} : { default: defaultValue }),
    ...(least === undefined ? {} : { minimum: least }),
    ...(most === undefined ? {} : { maximum: most }),
  };
  return {
    component: `${name.replace('$', '')}${isByVerb ? `.${verb.toLowerCase()}` : ''}`,
    parameter: { name, in: 'query', description, schema, ...lifeOf({ since }) },
  };
}

function extensions({ resource }: Schema, verb: Verb): readonly NamedParameter[] {
  return (resource.parameters ?? [])
    .filter(({ methods }) => methods.some((method) => method === verb))
    .map(({ name, description, type = 'string', isRequired = false, example }) => ({
      component: `${schemaName(resource.path)}.${name}`,
      parameter: {
        name,
        in: 'query',
        description,
        ...(isRequired ? { required: true } : {}),
        schema: { type },
        ...(example === undefined ? {} : { example }),
      },
    }));
}

function filters(schema: Schema): readonly NamedParameter[] {
  const { resource } = schema;
  return [...schema.fields, ...schema.memberFilters]
    .filter(([, field]) => schema.isFilterable(field))
    .flatMap(([name, field]) => {
      const { description, aliases = [], since, filterSince = since, until } = field;
      return [name, ...aliases].map((each) => ({
        component: `${schemaName(resource.path)}.${each}`,
        parameter: {
          name: each,
          in: 'query' as const,
          description: `A query on \`${name}\`. ${description}`,
          schema: { type: 'string' },
          example: exampleQuery(name, field),
          ...lifeOf({ since: filterSince, until }),
        },
      }));
    });
}

/** What a resource is called among the components and in operation ids. */
export function schemaName(path: string): string {
  return path.replace(/^\//, '').replace(/\W+/g, '_');
}
