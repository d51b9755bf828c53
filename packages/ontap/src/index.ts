export * from './api.ts';
export { type ErrorCode, type ErrorParameters, failure, genericErrors, problem } from './error-codes.ts';
export * from './errors.ts';
export { type OpenApiOptions, openApiDocument } from './openapi.ts';
export { type GenericParameter, genericParameters } from './query/parameters.ts';
export { compareReleases, isKnownIn } from './release.ts';
export * from './resource.ts';
export { type Api, type ApiOptions, createApi } from './router.ts';
export type { ResolveSvm } from './tunnel.ts';
