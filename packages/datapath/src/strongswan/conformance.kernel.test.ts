import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IpsecPolicy } from '@esplanade/domain';
import { afterAll, beforeAll } from 'vitest';
import type { IpspaceDaemons } from '../../../../test/support/charon.ts';
import { Network } from '../../../../test/support/network.ts';
import { StockPeer } from '../../../../test/support/stock-peer.ts';
import { Traffic } from '../../../../test/support/traffic.ts';
import { describeDatapathConformance } from '../conformance.ts';
import { purgeStrongswan } from './purge.ts';
import { harnessOn, startDaemons } from './testing/conformance-harness.ts';
import { peerConfiguration } from './testing/peer-configuration.ts';

let network: Network<'ours' | 'peer'>;
let daemons: IpspaceDaemons;
let peer: StockPeer;
let traffic: Traffic;
let directory: string;

beforeAll(async () => {
  network = await Network.create(['ours', 'peer']);
  const { ours, peer: other } = network.hosts;
  traffic = await Traffic.start(ours);
  directory = await mkdtemp(join(tmpdir(), 'esplanade-peer-'));
  daemons = await startDaemons(ours);
  peer = await StockPeer.start({
    namespace: other.namespace,
    directory,
    configuration: peerConfiguration({
      local: other.ipv4,
      remote: ours.ipv4,
      psk: 'a key for the conformance suite',
      children: [{ name: 'all', localTs: `${other.ipv4}/32`, remoteTs: `${ours.ipv4}/32` }],
    }),
  });
});
afterAll(async () => {
  await traffic.stop();
  await daemons.close();
  await peer.stop();
  await network.close();
  await rm(directory, { recursive: true, force: true });
});

async function sendTraffic({ selector }: IpsecPolicy): Promise<void> {
  const { ours, peer: other } = network.hosts;
  // Nobody listens: it is the packet that counts, not an answer.
  const port = selector.remotePort === 0 ? 9 : selector.remotePort;
  await traffic.connect({ source: ours.ipv4, destination: other.ipv4, port });
}

/** One charon for the whole suite, emptied after each test: starting one takes a guest seconds. */
async function empty(isRunning: boolean): Promise<void> {
  if (!isRunning) await daemons.charon.start();
  await purgeStrongswan({ mainSocketPath: daemons.charon.socket, guardSocketPath: daemons.guard?.socket });
}

describeDatapathConformance('strongSwan over a kernel with ESP', async () =>
  harnessOn(daemons, { sendTraffic, stop: empty }),
);
