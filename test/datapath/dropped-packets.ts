import type { Host, Network } from '../support/network.ts';

/** Why the kernel drops what arrives for an SPI that is given out and has no SA yet. */
export const notYetAnSa = 'XfrmAcquireError';

/** How many packets IPsec has dropped in a host so far, by the kernel's names of the reasons. */
export async function droppedPackets<Name extends string>(
  network: Network<Name>,
  host: Host,
): Promise<ReadonlyMap<string, number>> {
  const lines = (await network.run(host, 'cat', '/proc/net/xfrm_stat')).trim().split('\n');
  return new Map(
    lines.map((line) => line.trim().split(/\s+/)).map(([name = '', count]) => [name, Number(count)]),
  );
}

/** What IPsec has dropped in a host since, by reason. */
export async function dropsSince<Name extends string>(
  network: Network<Name>,
  host: Host,
  before: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  return new Map(
    [...(await droppedPackets(network, host))]
      .map(([reason, count]): [string, number] => [reason, count - (before.get(reason) ?? 0)])
      .filter(([, count]) => count > 0),
  );
}
