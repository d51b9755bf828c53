import { beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { swanctlConf } from '../support/peer-connection.ts';
import type { Testbed } from '../support/testbed.ts';
import type { FlowReport } from '../support/traffic-orders.ts';

const ourKey = 'what our side was told';
/** Give-up after unanswered retransmissions, then the kernel's patience with an unanswered packet, then IKE. */
const patience = { deadlineMilliseconds: 40_000 };
/** The peer's addresses, one for each fault. The last one does not exist until it is mended. */
const addresses = { key: '10.9.0.2', proposal: '10.9.0.102', absent: '10.9.0.103' };
const port = 7017;
type Fault = keyof typeof addresses;
const faults: readonly Fault[] = ['key', 'proposal', 'absent'];

function peerConf(ours: string, isMended: boolean): string {
  const ikeProposals = isMended ? {} : { ikeProposals: 'aes128-sha256-modp2048' };
  const connections = faults.map((fault) => ({
    name: fault,
    local: addresses[fault],
    remote: ours,
    children: [{ name: fault, localTs: `${addresses[fault]}/32[udp/${port}]`, remoteTs: `${ours}/32[udp]` }],
    ...(fault === 'proposal' && ikeProposals),
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
      await bed.network.addAddress(peer, `${addresses.proposal}/24`);
      for (const fault of ['key', 'proposal'] as const)
        await traffic.peer.echo('udp', addresses[fault], port);
      const created = new Map<Fault, string>();
      for (const fault of faults) {
        const ends = { local: ours.ipv4, remote: addresses[fault] };
        const wish = { name: fault, ...ends, protocol: 'udp', remotePort: port, secretKey: ourKey } as const;
        created.set(fault, await operator.create(wish));
      }
      policies = created;
      // All at once and all the time: what is wanted is traffic that never gives up, not an operator who tries again.
      stopFlows = await Promise.all(
        faults.map((fault) =>
          traffic.ours.flow({ source: ours.ipv4, destination: addresses[fault], port, perSecond: 5 }),
        ),
      );
    });

    const uuidOf = (fault: Fault): string => policies.get(fault) ?? '';

    it.for([
      ['key', /pre-shared key/],
      ['proposal', /cipher suite/],
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

    it('comes up by itself once the peer is mended, and the reason goes', async () => {
      const mendedAt = performance.now();
      await bed.stock.load(peerConf(bed.ours.ipv4, true));
      await bed.network.addAddress(bed.peer, `${addresses.absent}/24`);
      await bed.traffic.peer.echo('udp', addresses.absent, port);
      const seconds: string[] = [];
      for (const fault of faults) {
        await bed.operator.untilInstalled(fault, patience);
        await bed.operator.until(uuidOf(fault), ({ last_failure }) => last_failure === undefined);
        seconds.push(`${fault} ${((performance.now() - mendedAt) / 1000).toFixed(1)} s`);
      }
      await eventually('packets are counted in both directions', async () => {
        const { records } = await bed.operator.sas();
        return faults.every((fault) =>
          records.some(
            ({ policy_name, ipsec }) =>
              policy_name === fault && ipsec && ipsec.inbound.packets > 0 && ipsec.outbound.packets > 0,
          ),
        );
      });
      for (const report of await Promise.all(stopFlows.map((stop) => stop())))
        expect(report.answered).toBeGreaterThan(0);
      console.info(`mended peers: up by themselves after ${seconds.join(', ')}`);
    });
  });
}
