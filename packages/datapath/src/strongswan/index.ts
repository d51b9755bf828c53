export { blockLine } from './block-line.ts';
export { openStrongswanDatapath } from './driver.ts';
export { type KernelEsp, probeKernelEsp } from './kernel-esp.ts';
export type { StrongswanOptions } from './options.ts';
export { type CharonAnswer, probeStrongswan, type StrongswanProbe } from './probe.ts';
export { type Purged, purgeStrongswan } from './purge.ts';
