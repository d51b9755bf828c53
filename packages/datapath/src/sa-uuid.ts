import { createHash } from 'node:crypto';
import type { Spi } from '@esplanade/domain';

/** Where an SA lives: the node, and the IPspace in it. */
export interface SaPlace {
  readonly nodeUuid: string;
  readonly ipspaceUuid: string;
}

/**
 * The uuid of an SA (decision 6), by name (RFC 9562 5.8): equal for the same SA after any restart of ours, because only
 * what we chose ourselves enters. `ourSpi` is the one we drew: for an IKE SA by our role in it, for a CHILD SA the
 * inbound.
 */
export function saUuid(place: SaPlace, kind: 'ike' | 'ipsec', localAddress: string, ourSpi: Spi): string {
  const name = JSON.stringify([place.nodeUuid, place.ipspaceUuid, kind, localAddress, ourSpi]);
  const bytes = createHash('sha256').update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [8, 12, 16, 20, 32].map((end, index, ends) => hex.slice(ends[index - 1] ?? 0, end)).join('-');
}
