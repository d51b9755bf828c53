export type * from './api.ts';
export * from './errors.ts';
export type * from './transport.ts';
