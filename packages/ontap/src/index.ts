export * from './api.ts';
export {
  type ErrorCode,
  type ErrorParameters,
  failure,
  genericErrors,
  problem,
  sentenceOf,
} from './error-codes.ts';
export * from './errors.ts';
export { parseDate } from './field-value.ts';
export { type OpenApiOptions, openApiDocument } from './openapi.ts';
export * from './openapi-document.ts';
export { exampleUuid } from './openapi-example.ts';
export { filterHref } from './query/filter-href.ts';
export { type GenericParameter, genericParameters } from './query/parameters.ts';
export { compareReleases, isKnownIn } from './release.ts';
export { tableKey } from './render.ts';
export * from './resource.ts';
export { type Api, type ApiOptions, createApi, type Reach, type Use } from './router.ts';
export type { ToldParts, ToldRequest } from './told-request.ts';
export type { ResolveSvm } from './tunnel.ts';
