import type { Sample, SaSample } from './sample.ts';

/** An instant at which the server looked. */
export const t0 = Date.parse('2026-11-22T03:00:00Z');

/** An SA with counters of that instant. */
export function sa(name: string, bytesIn: number, bytesOut: number, atMs = t0): SaSample {
  return {
    uuid: `uuid-of-${name}`,
    vserver: 'svm1',
    policyName: name,
    localAddress: '192.0.2.1',
    remoteAddress: '192.0.2.2',
    state: 'installed',
    counters: { bytesIn, bytesOut, packetsIn: bytesIn / 100, packetsOut: bytesOut / 100 },
    atMs,
  };
}

/** A look at these SAs. */
export const sample = (...sas: readonly SaSample[]): Sample => ({
  sas,
  tookMs: 20,
  observedAtMs: sas[0]?.atMs ?? t0,
});
