export * from './datapath.ts';
export * from './errors.ts';
