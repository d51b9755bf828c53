export * from './errors.ts';
export * from './store.ts';
export { type LogMark, type LogVerdict, verifyLog, verifyLogEnds } from './verify-log.ts';
