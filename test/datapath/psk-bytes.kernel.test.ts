import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { swanctlConf } from '../support/peer-connection.ts';
import { Testbed } from '../support/testbed.ts';
import { spelledKeys } from './spelled-keys.ts';

const port = 7021;
const patience = { deadlineMilliseconds: 40_000 };

/** One address of the peer for each key. */
const peers = spelledKeys.map((key, index) => ({
  ...key,
  name: `key-${index}`,
  address: `10.9.0.${101 + index}`,
}));

describe('a pre-shared key of any bytes', () => {
  let bed: Testbed;

  beforeAll(async () => {
    bed = await Testbed.start();
    const { ours, peer, operator, stock, traffic } = bed;
    await stock.load(
      swanctlConf(
        peers.map(({ name, address }) => ({
          name,
          local: address,
          remote: ours.ipv4,
          children: [{ name, localTs: `${address}/32[udp/${port}]`, remoteTs: `${ours.ipv4}/32[udp]` }],
        })),
        peers.map(({ name, address, peer: key }) => ({ name, identities: [ours.ipv4, address], key })),
      ),
    );
    for (const { name, address, ours: secretKey } of peers) {
      await bed.network.addAddress(peer, `${address}/24`);
      await traffic.peer.echo('udp', address, port);
      const ends = { local: ours.ipv4, remote: address };
      await operator.create({ name, ...ends, protocol: 'udp', remotePort: port, secretKey });
    }
  });

  afterAll(async () => bed?.[Symbol.asyncDispose]());

  beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(bed.logs())));

  it.each(peers)('leads to an SA with a stock peer: $what', async ({ name, address }) => {
    const flow = { source: bed.ours.ipv4, destination: address, port, perSecond: 20 };
    const stop = await bed.traffic.ours.flow(flow);
    const { remote_address } = await bed.operator.untilInstalled(name, patience);
    expect(remote_address).toBe(address);
    await stop();
    expect((await bed.traffic.ours.send(flow, 3)).answered).toBe(3);
  });
});
