export { blockLine } from './block-line.ts';
export { openStrongswanDatapath, type StrongswanOptions } from './driver.ts';
export { type KernelEsp, probeKernelEsp } from './kernel-esp.ts';
export { type CharonAnswer, probeStrongswan, type StrongswanProbe } from './probe.ts';
export { type Purged, purgeStrongswan } from './purge.ts';
