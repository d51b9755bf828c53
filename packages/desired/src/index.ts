export * from './desired-state.ts';
export * from './model.ts';
