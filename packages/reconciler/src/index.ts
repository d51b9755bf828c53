export * from './policy-state.ts';
export * from './reconciler.ts';
