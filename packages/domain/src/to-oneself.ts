import { containsAddress, formatPrefix, isHostPrefix, overlaps, type Prefix } from './prefix.ts';
import type { Packet } from './traffic-selector.ts';

/** RFC 1122 3.2.1.3, RFC 4291 2.5.3. */
const loopbacks: readonly Prefix[] = [
  { family: 'ipv4', address: 0x7f00_0000n, length: 8 },
  { family: 'ipv6', address: 1n, length: 128 },
];

/** Whether a packet shows by its addresses alone that its host sends it to itself. */
export function isToOneself({ localAddress, remoteAddress }: Packet): boolean {
  return (
    localAddress.value === remoteAddress.value ||
    loopbacks.some((one) => containsAddress(one, localAddress) || containsAddress(one, remoteAddress))
  );
}

/**
 * Which side of a selector makes it one for nothing but packets that a host sends to itself, and why, the start of a
 * sentence;
 * `undefined` when there may be others.
 */
export function onlyToOneself(
  local: Prefix,
  remote: Prefix,
): { readonly side: 'local' | 'remote'; readonly why: string } | undefined {
  if (isLoopback(local)) return { side: 'local', why: `${formatPrefix(local)} is loopback` };
  if (isLoopback(remote)) return { side: 'remote', why: `${formatPrefix(remote)} is loopback` };
  const isOneHost = isHostPrefix(local) && isHostPrefix(remote) && overlaps(local, remote);
  return isOneHost ? { side: 'remote', why: 'Both endpoints are the same host' } : undefined;
}

function isLoopback(prefix: Prefix): boolean {
  return loopbacks.some((one) => one.length <= prefix.length && overlaps(one, prefix));
}
