export * from './driver.ts';
export type { Fault, PeerFault } from './faults.ts';
export { parseSeed, SeedError } from './seed.ts';
