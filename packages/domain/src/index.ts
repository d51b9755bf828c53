export * from './identity.ts';
export * from './policy.ts';
export * from './prefix.ts';
export * from './problem.ts';
export * from './secret.ts';
export * from './security-association.ts';
export * from './spd.ts';
export * from './traffic-selector.ts';
