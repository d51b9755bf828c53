import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IpsecPolicy } from '@esplanade/domain';
import { afterAll, beforeAll } from 'vitest';
import { Network } from '../../../../test/support/network.ts';
import { StockPeer } from '../../../../test/support/stock-peer.ts';
import { Traffic } from '../../../../test/support/traffic.ts';
import { describeDatapathConformance } from '../conformance.ts';
import { openHarness } from './testing/conformance-harness.ts';
import { peerConfiguration } from './testing/peer-configuration.ts';

let network: Network<'ours' | 'peer'>;
let traffic: Traffic;
let directory: string;

beforeAll(async () => {
  network = await Network.create(['ours', 'peer']);
  traffic = await Traffic.start(network.hosts.ours);
  directory = await mkdtemp(join(tmpdir(), 'esplanade-peer-'));
});
afterAll(async () => {
  await traffic.stop();
  await network.close();
  await rm(directory, { recursive: true, force: true });
});

async function sendTraffic({ selector }: IpsecPolicy): Promise<void> {
  const { ours, peer } = network.hosts;
  // Nobody listens: it is the packet that counts, not an answer.
  await traffic.connect({
    source: ours.ipv4,
    destination: peer.ipv4,
    port: selector.remotePort === 0 ? 9 : selector.remotePort,
  });
}

async function open() {
  const { ours, peer } = network.hosts;
  const stock = await StockPeer.start({
    namespace: peer.namespace,
    directory,
    configuration: peerConfiguration({
      local: peer.ipv4,
      remote: ours.ipv4,
      psk: 'a key for the conformance suite',
      children: [{ name: 'all', localTs: `${peer.ipv4}/32`, remoteTs: `${ours.ipv4}/32` }],
    }),
  });
  return openHarness(ours, { sendTraffic, alsoStop: () => stock.stop() });
}

describeDatapathConformance('strongSwan over a kernel with ESP', open);
