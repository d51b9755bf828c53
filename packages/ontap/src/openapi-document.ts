import type { Release } from './resource.ts';

/** A node of a JSON document. */
export type JsonObject = { readonly [member: string]: unknown };

/** First and last release that know a thing, beside what OpenAPI says of it. */
export interface Life {
  readonly 'x-ontap-since'?: Release;
  readonly 'x-ontap-until'?: Release;
}

/** Stands for the component it names. */
export interface Reference {
  readonly $ref: string;
}

/** A parameter in the query, in the path or in a header. */
export interface Parameter extends Life {
  readonly name: string;
  readonly in: 'query' | 'path' | 'header';
  readonly description: string;
  readonly required?: boolean;
  readonly schema: JsonObject;
  readonly example?: unknown;
}

/** A body by its media type. */
export type Content = Readonly<
  Record<string, { readonly schema: JsonObject | Reference; readonly examples?: JsonObject }>
>;

/** What one status of an operation looks like. */
export interface Response {
  readonly description: string;
  readonly headers?: Readonly<Record<string, Reference>>;
  readonly content?: Content;
  /** The error codes that come with the status. */
  readonly 'x-ontap-codes'?: readonly (Life & { readonly code: string; readonly message: string })[];
}

/** One verb on one path. */
export interface Operation extends Life {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters: readonly (Parameter | Reference)[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, Response>>;
}

/** The methods OpenAPI has a member for and we answer. */
export const pathMethods = ['get', 'head', 'options', 'post', 'patch', 'delete'] as const;
export type PathMethod = (typeof pathMethods)[number];

/** One path with its verbs. */
export type PathItem = Readonly<Partial<Record<PathMethod, Operation>>> & {
  readonly summary: string;
  readonly parameters?: readonly Parameter[];
};

/**
 * An OpenAPI 3.1 document, as far as we write one.
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export interface OpenApiDocument {
  readonly openapi: '3.1.1';
  readonly info: JsonObject & {
    readonly title: string;
    readonly version: string;
    readonly description: string;
  };
  readonly servers: readonly { readonly url: string }[];
  readonly security: readonly JsonObject[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: {
    readonly securitySchemes: JsonObject;
    readonly headers: JsonObject;
    readonly parameters: Readonly<Record<string, Parameter>>;
    readonly schemas: Readonly<Record<string, JsonObject>>;
  };
}

/** When a thing came and went, as members of its node. */
export function lifeOf(thing: {
  readonly since?: Release | undefined;
  readonly until?: Release | undefined;
}): Life {
  return {
    ...(thing.since === undefined ? {} : { 'x-ontap-since': thing.since }),
    ...(thing.until === undefined ? {} : { 'x-ontap-until': thing.until }),
  };
}
