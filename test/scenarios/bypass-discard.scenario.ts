import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Capture } from '../support/capture.ts';
import { eventually } from '../support/eventually.ts';
import { describePacket, type Packet, plaintextOf } from '../support/packet.ts';
import { type PeerConnection, swanctlConf } from '../support/peer-connection.ts';
import type { Testbed } from '../support/testbed.ts';
import type { TcpOutcome } from '../support/traffic-orders.ts';

const secretKey = 'one key for both families';
const tcp = 6;
const udp = 17;
const port = { protected: 8080, discarded: 8081, bypassed: 8082, inherited: 7009 };

/** The peer protects everything between the hosts once an SA is up, and must let the bypassed port pass too. */
function peerSide(family: string, peer: string, ours: string, length: number): readonly PeerConnection[] {
  const localTs = `${peer}/${length}`;
  const remoteTs = `${ours}/${length}`;
  const hosts = { name: `hosts-${family}`, localTs, remoteTs };
  const clear = {
    name: `clear-${family}`,
    localTs: `${localTs}[tcp/${port.bypassed}]`,
    remoteTs: `${remoteTs}[tcp]`,
    mode: 'pass',
    startAction: 'trap',
  } as const;
  return [
    { name: `ours-${family}`, local: peer, remote: ours, children: [hosts] },
    // A connection of its own, so that nobody tries to negotiate it.
    { name: `shunt-${family}`, local: peer, remote: '127.0.0.1', children: [clear] },
  ];
}

/** The more specific selector decides (decision 2), proven by packets. */
export function bypassDiscardScenario(testbed: () => Testbed): void {
  describe('bypass and discard beside ESP', () => {
    let bed: Testbed;

    beforeAll(async () => {
      bed = testbed();
      await bed.begin((ours, peer) =>
        swanctlConf(
          [...peerSide('ipv4', peer.ipv4, ours.ipv4, 32), ...peerSide('ipv6', peer.ipv6, ours.ipv6, 128)],
          [
            { name: 'ipv4', identities: [ours.ipv4, peer.ipv4], key: secretKey },
            { name: 'ipv6', identities: [ours.ipv6, peer.ipv6], key: secretKey },
          ],
        ),
      );
      for (const address of [bed.peer.ipv4, bed.peer.ipv6])
        for (const each of [port.protected, port.discarded, port.bypassed])
          await bed.traffic.peer.echo('tcp', address, each);
    });

    const ends = (family: 'ipv4' | 'ipv6') => ({ local: bed.ours[family], remote: bed.peer[family] });
    const connect = async (family: 'ipv4' | 'ipv6', to: number): Promise<TcpOutcome> =>
      await bed.traffic.ours.connect({
        source: bed.ours[family],
        destination: bed.peer[family],
        port: to,
        timeoutMilliseconds: 8_000,
      });
    const capture = async (name: string): Promise<Capture> =>
      await Capture.start(bed.network, bed.ours, join(bed.directory, `${name}.pcap`));
    const inClear = (packets: readonly Packet[], family: 'ipv4' | 'ipv6', which?: number) =>
      plaintextOf(packets, {
        between: [bed.ours[family], bed.peer[family]],
        protocol: tcp,
        ...(which !== undefined && { port: which }),
      });
    /** What becomes of one connection to each port, and what of it is readable on the wire. */
    const tryPorts = async (family: 'ipv4' | 'ipv6', name: string) => {
      const wire = await capture(name);
      const outcomes = {
        protected: await connect(family, port.protected),
        discarded: await connect(family, port.discarded),
        bypassed: await connect(family, port.bypassed),
      };
      return { outcomes, packets: await wire.stop() };
    };
    const removeAll = async (): Promise<void> => {
      for (const { uuid } of await bed.operator.statuses()) await bed.operator.delete(uuid);
    };

    it.for(['ipv6', 'ipv4'] as const)(
      'of single ports beat an ESP policy between the hosts, over %s with a cold neighbour cache',
      async (family) => {
        await bed.operator.create({ name: `hosts-${family}`, ...ends(family), secretKey });
        const narrow = { ...ends(family), protocol: 'tcp' } as const;
        const stop = { action: 'discard', remotePort: port.discarded } as const;
        await bed.operator.create({ name: `stop-${family}`, ...narrow, ...stop });
        const pass = { action: 'bypass', remotePort: port.bypassed } as const;
        await bed.operator.create({ name: `pass-${family}`, ...narrow, ...pass });
        await bed.network.forgetNeighbours();
        const { outcomes, packets } = await tryPorts(family, `narrow-${family}`);
        expect(outcomes).toEqual({ protected: 'answered', discarded: 'forbidden', bypassed: 'answered' });
        const clear = inClear(packets, family);
        const bypassed = inClear(packets, family, port.bypassed);
        expect(bypassed.length).toBeGreaterThan(0);
        expect(clear.map(describePacket)).toEqual(bypassed.map(describePacket));
        const esp = packets.filter((packet) => packet.kind === 'esp').length;
        expect(esp).toBeGreaterThan(0);
        console.info(
          `${family}: ESP ${esp} packets, discarded port forbidden, ${bypassed.length} packets in clear, all of the bypassed port`,
        );
      },
    );

    it('lose when they are wide: a bypass of the whole network does not open a narrow ESP policy', async () => {
      await removeAll();
      const wide = { local: '10.9.0.0/24', remote: '10.9.0.0/24' };
      await bed.operator.create({ name: 'wide', action: 'bypass', ...wide });
      await bed.operator.create({
        name: 'narrow',
        ...ends('ipv4'),
        protocol: 'tcp',
        remotePort: port.protected,
        secretKey,
      });
      await bed.stock.load(
        swanctlConf(
          [
            {
              name: 'ours',
              local: bed.peer.ipv4,
              remote: bed.ours.ipv4,
              children: [
                {
                  name: 'narrow',
                  localTs: `${bed.peer.ipv4}/32[tcp/${port.protected}]`,
                  remoteTs: `${bed.ours.ipv4}/32[tcp]`,
                },
                {
                  name: 'inherited',
                  localTs: `${bed.peer.ipv4}/32[udp/${port.inherited}]`,
                  remoteTs: `${bed.ours.ipv4}/32[udp]`,
                  startAction: 'trap',
                },
              ],
            },
          ],
          [{ name: 'ours', identities: [bed.ours.ipv4, bed.peer.ipv4], key: secretKey }],
        ),
      );
      const { outcomes, packets } = await tryPorts('ipv4', 'wide');
      expect(outcomes).toEqual({ protected: 'answered', discarded: 'answered', bypassed: 'answered' });
      expect(inClear(packets, 'ipv4', port.protected).map(describePacket)).toEqual([]);
      expect(inClear(packets, 'ipv4', port.bypassed).length).toBeGreaterThan(0);
    });

    it('take over from an older policy with the same selector without a gap', async () => {
      const selector = { ...ends('ipv4'), protocol: 'udp', remotePort: port.inherited } as const;
      const older = await bed.operator.create({ name: 'older', ...selector, secretKey });
      const newer = await bed.operator.create({ name: 'newer', action: 'discard', ...selector });
      expect(await bed.operator.status(newer)).toMatchObject({
        state: 'shadowed',
        shadowed_by: { name: 'older', uuid: older },
      });
      const { local: source, remote: destination } = ends('ipv4');
      await bed.traffic.peer.echo('udp', destination, port.inherited);
      const wire = await capture('inherited');
      // The wide bypass beneath lets everything through that neither of the two decides for.
      const stop = await bed.traffic.ours.flow({ source, destination, port: port.inherited, perSecond: 100 });
      await bed.operator.untilInstalled('older');
      await bed.operator.delete(older);
      await bed.operator.until(newer, ({ state }) => state === 'applied');
      await eventually('the SAs of the older are gone', async () => {
        return (await bed.operator.installed('older')).length === 0;
      });
      const { answered, refused } = await stop();
      expect(answered).toBeGreaterThan(0);
      expect(refused['EPERM']).toBeGreaterThan(0);
      const clear = plaintextOf(await wire.stop(), { between: [source, destination], protocol: udp });
      expect(clear.map(describePacket)).toEqual([]);
      console.info(`taken over: ${answered} answered in ESP, ${refused['EPERM']} refused, 0 in clear`);
    });

    it('go down with everything else when IPsec is disabled, and come back with it', async () => {
      await bed.operator.setIpsec(false);
      for (const { state } of await bed.operator.statuses()) expect(state).toBe('disabled');
      const open = await tryPorts('ipv4', 'disabled');
      expect(open.outcomes).toEqual({ protected: 'answered', discarded: 'answered', bypassed: 'answered' });
      expect(inClear(open.packets, 'ipv4', port.protected).length).toBeGreaterThan(0);
      expect((await bed.operator.sas()).records).toEqual([]);
      await bed.operator.setIpsec(true);
      for (const { state } of await bed.operator.statuses()) expect(state).toBe('applied');
      const closed = await tryPorts('ipv4', 'enabled');
      expect(closed.outcomes.protected).toBe('answered');
      expect(inClear(closed.packets, 'ipv4', port.protected).map(describePacket)).toEqual([]);
    });
  });
}
