export { AdjustableClock } from './clock.ts';
export * from './driver.ts';
export { parseSeed, SeedError } from './seed.ts';
