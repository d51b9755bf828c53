import type { PolicyUuid } from '@esplanade/domain';
import type { SadSnapshot } from '@esplanade/reconciler';

const windowsOf = new WeakMap<SadSnapshot, ReadonlyMap<PolicyUuid, readonly number[]>>();

/**
 * How many ESP SAs of a policy have another anti-replay window than is set: a change of the setting leaves an SA the
 * one it came up with, until it is rekeyed.
 */
export function sasWithFormerWindow(snapshot: SadSnapshot, policyUuid: PolicyUuid, window: number): number {
  const windows = windowsOf.get(snapshot) ?? index(snapshot);
  windowsOf.set(snapshot, windows);
  return (windows.get(policyUuid) ?? []).filter((one) => one !== window).length;
}

function index({ rows }: SadSnapshot): ReadonlyMap<PolicyUuid, readonly number[]> {
  const windows = new Map<PolicyUuid, number[]>();
  for (const sa of rows) {
    if (sa.kind !== 'ipsec' || sa.policyUuid === undefined || sa.replayWindow === undefined) continue;
    const known = windows.get(sa.policyUuid);
    if (known === undefined) windows.set(sa.policyUuid, [sa.replayWindow]);
    else known.push(sa.replayWindow);
  }
  return windows;
}
