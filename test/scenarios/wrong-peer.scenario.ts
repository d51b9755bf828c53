import { beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { swanctlConf } from '../support/peer-connection.ts';
import type { Testbed } from '../support/testbed.ts';
import type { FlowReport } from '../support/traffic-orders.ts';
import { flushKernel } from '../support/xfrm.ts';

const isFull = process.env['ESPLANADE_CAMPAIGN'] === 'full';
const ourKey = 'what our side was told';
/** Give-up after unanswered retransmissions, then the kernel's patience with an unanswered packet, then IKE. */
const patience = { deadlineMilliseconds: 40_000 };
/** Silence until it is asked whether it lives, and unanswered retransmissions of that. */
const deathPatience = { deadlineMilliseconds: 90_000 };
/** The peer's addresses, one for each fault. The last one does not exist until it is mended. */
const addresses = { key: '10.9.0.2', proposal: '10.9.0.102', child: '10.9.0.104', absent: '10.9.0.103' };
type Fault = keyof typeof addresses;
const faults: readonly Fault[] = ['key', 'proposal', 'child', 'absent'];
/** A policy for each peer, and one for all of them: its traps name no peer, so each attempt has an IKE SA of its own. */
const ports = { host: 7017, any: 7018 };
type Kind = keyof typeof ports;
const kinds: readonly Kind[] = ['host', 'any'];
const pairs = faults.flatMap((fault) => kinds.map((kind) => ({ fault, kind })));

function peerConf(ours: string, isMended: boolean): string {
  const connections = faults.map((fault) => ({
    name: fault,
    local: addresses[fault],
    remote: ours,
    children: kinds.map((kind) => ({
      name: `${fault}-${kind}`,
      localTs: `${addresses[fault]}/32[udp/${ports[kind]}]`,
      remoteTs: `${ours}/32[udp]`,
    })),
    ...(fault === 'proposal' && !isMended && { ikeProposals: 'aes128-sha256-modp2048' }),
    ...(fault === 'child' && !isMended && { espProposals: 'aes128gcm16' }),
  }));
  const secrets = faults.map((fault) => ({
    name: fault,
    identities: [ours, addresses[fault]] as const,
    key: fault === 'key' && !isMended ? 'what the peer was told' : ourKey,
  }));
  return swanctlConf(connections, secrets);
}

/** The operator reads why an SA is not up, and does nothing on our side once the peer is mended. */
export function wrongPeerScenario(testbed: () => Testbed): void {
  describe('a policy whose SA does not come up', () => {
    let bed: Testbed;
    let policies: ReadonlyMap<Fault, string>;
    let stopFlows: readonly (() => Promise<FlowReport>)[];

    beforeAll(async () => {
      bed = testbed();
      await bed.begin((ours) => peerConf(ours.ipv4, false));
      const { ours, peer, operator, traffic } = bed;
      for (const fault of ['proposal', 'child'] as const)
        await bed.network.addAddress(peer, `${addresses[fault]}/24`);
      for (const { fault, kind } of pairs)
        if (fault !== 'absent') await traffic.peer.echo('udp', addresses[fault], ports[kind]);
      const common = { local: ours.ipv4, protocol: 'udp', secretKey: ourKey } as const;
      const created = new Map<Fault, string>();
      for (const fault of faults) {
        const wish = { ...common, name: fault, remote: addresses[fault], remotePort: ports.host };
        created.set(fault, await operator.create(wish));
      }
      policies = created;
      await operator.create({
        ...common,
        name: 'any',
        remote: '0.0.0.0/0',
        remotePort: ports.any,
        remoteIdentity: 'ANYTHING',
      });
      // All at once and all the time: what is wanted is traffic that never gives up, not an operator who tries again.
      stopFlows = await Promise.all(
        pairs.map(({ fault, kind }) =>
          traffic.ours.flow({
            source: ours.ipv4,
            destination: addresses[fault],
            port: ports[kind],
            perSecond: 5,
          }),
        ),
      );
    });

    const uuidOf = (fault: Fault): string => policies.get(fault) ?? '';
    /** SPIs of the SAs that carry packets both ways, to a peer and of a kind. */
    const carrying = async (fault: Fault, kind: Kind): Promise<readonly string[]> => {
      const name = kind === 'host' ? fault : 'any';
      return (await bed.operator.installed(name)).flatMap(({ remote_address, ipsec }) =>
        remote_address === addresses[fault] &&
        ipsec !== undefined &&
        ipsec.inbound.packets > 0 &&
        ipsec.outbound.packets > 0
          ? [ipsec.inbound.security_parameter_index]
          : [],
      );
    };
    /** Waits until every flow is answered again, on SAs other than these, and tells how long each took. */
    const untilAllCarry = async (
      former: ReadonlySet<string>,
      bound: typeof patience,
    ): Promise<readonly string[]> => {
      const sinceMs = performance.now();
      return await Promise.all(
        pairs.map(async ({ fault, kind }) => {
          await eventually(
            `packets of ${fault} ${kind} are counted in both directions`,
            async () => (await carrying(fault, kind)).some((spi) => !former.has(spi)),
            { ...bound, intervalMilliseconds: 500 },
          );
          return `${fault} (${kind}) ${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
        }),
      );
    };

    it.for([
      ['key', /pre-shared key/],
      ['proposal', /cipher suite/],
      ['child', /cipher suite/],
      ['absent', /does not answer/],
    ] as const)('says why: %s', async ([fault, reason]) => {
      const isTold = (failure: string | undefined): boolean => failure !== undefined && reason.test(failure);
      const status = await bed.operator.until(
        uuidOf(fault),
        ({ last_failure }) => isTold(last_failure),
        patience,
      );
      expect(status.state).toBe('applied');
      expect(status.last_failure).not.toContain(ourKey);
      expect(await bed.operator.installed(fault)).toEqual([]);
    });

    it('comes up by itself once the peer is mended, for one peer or for many, and the reason goes', async () => {
      await bed.stock.load(peerConf(bed.ours.ipv4, true));
      await bed.network.addAddress(bed.peer, `${addresses.absent}/24`);
      for (const kind of kinds) await bed.traffic.peer.echo('udp', addresses.absent, ports[kind]);
      const seconds = await untilAllCarry(new Set(), patience);
      for (const fault of faults)
        await bed.operator.until(uuidOf(fault), ({ last_failure }) => last_failure === undefined);
      console.info(`mended peers: up by themselves after ${seconds.join(', ')}`);
    });

    it.runIf(isFull)(
      'comes up again by itself after the peer has crashed and come back',
      {
        timeout: 150_000,
      },
      async () => {
        const former = new Set<string>();
        for (const { fault, kind } of pairs) for (const spi of await carrying(fault, kind)) former.add(spi);
        await bed.stock.charon.kill();
        await flushKernel(bed.peer);
        await bed.stock.charon.start();
        await bed.stock.load(peerConf(bed.ours.ipv4, true));
        const seconds = await untilAllCarry(former, deathPatience);
        console.info(`crashed peer: up again by itself after ${seconds.join(', ')}`);
      },
    );

    it('is answered in the end', async () => {
      for (const report of await Promise.all(stopFlows.map((stop) => stop())))
        expect(report.answered).toBeGreaterThan(0);
    });
  });
}
