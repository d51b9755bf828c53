import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type IpspaceDaemons, startIpspaceDaemons } from '../test/support/charon.ts';
import { Esplanade } from '../test/support/esplanade.ts';
import { Network } from '../test/support/network.ts';
import { StockPeer } from '../test/support/stock-peer.ts';
import { Traffic } from '../test/support/traffic.ts';

/** Two hosts on a wire: ours, which Esplanade manages, and a stock strongSwan. */
export interface Lab extends AsyncDisposable {
  readonly network: Network<'ours' | 'peer'>;
  readonly daemons: IpspaceDaemons;
  readonly peer: StockPeer;
  readonly server: Esplanade;
  /** Sends from our host. */
  readonly traffic: Traffic;
}

/** Where the peer listens: one port to protect, one to bypass, one to discard. */
export const ports = { protected: 8443, bypassed: 8080, discarded: 8081 } as const;

/** Lays the network and starts everything on it; what was started ends with the lab, in reverse. */
export async function openLab(scratch: string): Promise<Lab> {
  await using opened = new AsyncDisposableStack();
  const network = await Network.create(['ours', 'peer']);
  opened.defer(() => network.close());
  const { ours, peer: other } = network.hosts;

  const peer = await StockPeer.start({
    namespace: other.namespace,
    directory: join(scratch, 'peer'),
    configuration: await readFile(new URL('peer.swanctl.conf', import.meta.url), 'utf8'),
  });
  opened.defer(() => peer.stop());

  const daemons = await startIpspaceDaemons({
    namespace: ours.namespace,
    directory: join(scratch, 'ours'),
    group: 'nogroup',
  });
  opened.defer(() => daemons.close());

  const server = await Esplanade.start({
    dataDirectory: join(scratch, 'data'),
    flags: ['--datapath', 'strongswan', '--vici', `Default=${daemons.charon.socket}`],
    isUnprivileged: true,
  });
  opened.defer(() => server.stop());

  const traffic = await Traffic.start(ours);
  opened.defer(() => traffic.stop());
  const answering = await Traffic.start(other);
  opened.defer(() => answering.stop());
  for (const port of Object.values(ports)) await answering.echo('tcp', other.ipv4, port);

  const everything = opened.move();
  const dispose = (): Promise<void> => everything.disposeAsync();
  return { network, daemons, peer, server, traffic, [Symbol.asyncDispose]: dispose };
}
