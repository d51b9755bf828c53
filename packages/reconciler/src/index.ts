export { type Clock, type SteadyClock, systemClock } from './clock.ts';
export { createReconciler } from './ipspace-reconciler.ts';
export { PolicyCredentials } from './policy-credentials.ts';
export * from './policy-state.ts';
export * from './reconciler.ts';
export type { FinishedRun, ReconcilerOptions } from './reconciler-options.ts';
export type { SadTiming } from './sad.ts';
export type { ReconcilerTiming } from './timing.ts';
