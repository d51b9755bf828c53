import { addressBits } from './ip-address.ts';
import type { TrafficSelector } from './traffic-selector.ts';

/**
 * Kernel priority of the bypass for IPv6 neighbour discovery: before every policy, or a host-to-host IPv6 policy
 * would drop the answers it needs to find its peer.
 */
export const neighbourDiscoveryPriority = 1;

/** Kernel priority of the blocks beneath protected selectors: after every policy (decision 5). */
export const blockPriority = 3_000_000_000;

/** The widest selector's priority. Its distance to the narrowest leaves room on both sides in the kernel's 32 bits. */
const widestPriority = 200_000;

const lengthsPerPrefix = addressBits('ipv6') + 1;
const flagsPerPrefixPair = 8;

/**
 * How narrow a selector is, in this order of weight: longer remote prefix, longer local prefix, protocol named, remote
 * port named, local port named. Equal for two overlapping selectors only when they are the same selector: equal
 * lengths and overlap make the prefixes equal, and what both name must be equal to overlap.
 */
export function specificity(selector: TrafficSelector): number {
  const prefixes = selector.remote.length * lengthsPerPrefix + selector.local.length;
  const named =
    (selector.protocol === 0 ? 0 : 4) +
    (selector.remotePort === 0 ? 0 : 2) +
    (selector.localPort === 0 ? 0 : 1);
  return prefixes * flagsPerPrefixPair + named;
}

/**
 * The priority of a selector's entries in the kernel's SPD, lower first. A pure function of the selector: no policy
 * that comes or goes changes another's (decision 2). Always above `neighbourDiscoveryPriority`, below `blockPriority`.
 */
export function priorityOf(selector: TrafficSelector): number {
  return widestPriority - specificity(selector);
}
