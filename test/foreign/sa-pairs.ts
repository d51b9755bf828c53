import type { LibreswanStatus } from '../support/libreswan-status.ts';
import type { SaRecord } from '../support/operator.ts';

/** A pair of ESP SAs, by our view of inbound and outbound. */
export interface SaPair {
  readonly inbound: Direction;
  readonly outbound: Direction;
}

interface Direction {
  readonly spi: string;
  /** Sent or accepted: the two ends differ by what was lost between them. */
  readonly bytes: number;
}

/** All the SAs of a host: how many IKE SAs, and the pairs in order of their SPIs. */
export interface Sas {
  readonly ikeSas: number;
  readonly pairs: readonly SaPair[];
}

/** What our API says, without what is on its way or has been rekeyed, which charon keeps for some seconds. */
export function sasOfApi(records: readonly SaRecord[]): Sas {
  const inForce = sasInForce(records);
  const pairs = inForce.flatMap(({ ipsec }) =>
    ipsec === undefined
      ? []
      : [{ inbound: directionOf(ipsec.inbound), outbound: directionOf(ipsec.outbound) }],
  );
  return { ikeSas: inForce.length - pairs.length, pairs: inOrder(pairs) };
}

/** The records of SAs that are established or installed. */
export function sasInForce(records: readonly SaRecord[]): readonly SaRecord[] {
  return records.filter(({ ike, ipsec }) => ike?.state === 'established' || ipsec?.state === 'installed');
}

/** What Libreswan says, turned round; undefined while a state of its is on its way. */
export function sasOfLibreswan({ ikeSas, childSas, states }: LibreswanStatus): Sas | undefined {
  if (states !== ikeSas.length + childSas.length) return undefined;
  const pairs = childSas.map(({ inbound, outbound }) => ({ inbound: outbound, outbound: inbound }));
  return { ikeSas: ikeSas.length, pairs: inOrder(pairs) };
}

/** The same without the counters. */
export function uncounted(sas: Sas | undefined): unknown {
  return { ...sas, pairs: sas?.pairs.map(({ inbound, outbound }) => [inbound.spi, outbound.spi]) };
}

function directionOf({
  security_parameter_index: spi,
  bytes,
}: {
  readonly security_parameter_index: string;
  readonly bytes: number;
}): Direction {
  return { spi, bytes };
}

function inOrder(pairs: readonly SaPair[]): readonly SaPair[] {
  return pairs.toSorted((one, other) => (one.inbound.spi < other.inbound.spi ? -1 : 1));
}
