export * from './datapath.ts';
export { entryFingerprint } from './entry-fingerprint.ts';
export * from './errors.ts';
export * from './foreign-connection.ts';
export * from './kernel-report.ts';
export * from './simulator.ts';
