import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStrongswanDatapath } from '@esplanade/datapath/strongswan';
import { decide, spdOf } from '@esplanade/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Capture } from '../support/capture.ts';
import { type IpspaceDaemons, startIpspaceDaemons } from '../support/charon.ts';
import { runCommand } from '../support/command.ts';
import { Network } from '../support/network.ts';
import { type Packet, plaintextOf } from '../support/packet.ts';
import { Traffic } from '../support/traffic.ts';
import type { Probe, ProbeOutcome } from '../support/traffic-orders.ts';
import { flushKernel } from '../support/xfrm.ts';
import { everyProbe, packetOf, randomFrom, randomPolicies, world } from './random-policies.ts';

const rounds = Number(process.env['ESPLANADE_ROUNDS'] ?? 10);
const seed = Number(process.env['ESPLANADE_SEED'] ?? Date.now() % 1_000_000);
const policiesPerRound = 25;

describe('what the domain says of a packet', () => {
  let directory: string;
  let network: Network<'ours'>;
  let daemons: IpspaceDaemons;
  let traffic: Traffic;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-decide-'));
    network = await Network.create(['ours']);
    const { ours } = network.hosts;
    await network.addAddress(ours, `${world.locals[1]}/24`);
    // Nobody is there; the packets need only reach the wire.
    for (const remote of world.remotes) {
      const neighbour = ['neighbour', 'add', remote, 'lladdr', '02:00:00:00:00:99', 'dev', ours.device];
      await runCommand('ip', ['-n', ours.namespace, ...neighbour, 'nud', 'permanent']);
    }
    daemons = await startIpspaceDaemons({ namespace: ours.namespace, directory });
    traffic = await Traffic.start(ours);
  });

  afterAll(async () => {
    await traffic?.stop();
    await daemons?.close();
    await network?.close();
    await rm(directory, { recursive: true });
  });

  it(`is what the kernel does, for every packet of ${rounds} random SPDs`, {
    timeout: 60_000 + rounds * 20_000,
  }, async () => {
    const random = randomFrom(seed);
    const capture = await Capture.start(network, network.hosts.ours, join(directory, 'wire.pcap'));
    const verdicts = { protect: 0, bypass: 0, discard: 0, 'no-policy': 0 };
    for (let round = 0; round < rounds; round += 1) {
      const spd = spdOf(randomPolicies(policiesPerRound, random));
      await load(spd);
      const seen = (await capture.packets()).length;
      const outcomes = await traffic.probe(everyProbe());
      const packets = (await capture.packets()).slice(seen);
      for (const [index, probe] of everyProbe().entries()) {
        const { verdict } = decide(spd, packetOf(probe), { ipsecEnabled: true });
        verdicts[verdict] += 1;
        const said = `round ${round} of seed ${seed}: ${JSON.stringify(probe)}`;
        expect(kernelVerdict(probe, outcomes[index], packets), said).toBe(passes(verdict));
      }
      await forget();
    }
    await capture.stop();
    console.info(`decide and the kernel agree: ${JSON.stringify(verdicts)}, ${rounds} SPDs of seed ${seed}`);
  });

  async function load(spd: ReturnType<typeof spdOf>): Promise<void> {
    const datapath = openStrongswanDatapath({
      place: { nodeUuid: 'node-1', ipspaceUuid: 'ipspace-1' },
      mainSocketPath: daemons.charon.socket,
      guardSocketPath: daemons.guard?.socket,
    });
    expect(await datapath.installAll(spd.entries, { replayWindow: 0 })).toEqual(new Map());
    await datapath.close();
    // Policies stay and nobody negotiates: what waits for an SA is dropped.
    await daemons.charon.hang();
    await network.run(network.hosts.ours, 'sysctl', '-qw', 'net.core.xfrm_larval_drop=1');
  }

  async function forget(): Promise<void> {
    for (const daemon of [daemons.charon, daemons.guard]) await daemon?.kill();
    await flushKernel(network.hosts.ours);
    await daemons.guard?.start();
    await daemons.charon.start();
  }
});

type Fate = 'in clear' | 'refused' | 'held for ESP';

function passes(verdict: 'protect' | 'bypass' | 'discard' | 'no-policy'): Fate {
  if (verdict === 'protect') return 'held for ESP';
  return verdict === 'discard' ? 'refused' : 'in clear';
}

function kernelVerdict(probe: Probe, outcome: ProbeOutcome | undefined, packets: readonly Packet[]): Fate {
  if (outcome === 'forbidden') return 'refused';
  const between = [probe.source, probe.destination] as const;
  const protocol = probe.protocol === 'udp' ? 17 : 6;
  const isSeen = plaintextOf(packets, { between, protocol, port: probe.port }).some(
    (packet) => packet.kind === 'plain' && packet.sourcePort === probe.sourcePort,
  );
  return isSeen ? 'in clear' : 'held for ESP';
}
