import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Capture } from '../support/capture.ts';
import { eventually } from '../support/eventually.ts';
import type { SaListing } from '../support/operator.ts';
import { describePacket, plaintextOf } from '../support/packet.ts';
import { swanctlConf } from '../support/peer-connection.ts';
import type { Testbed } from '../support/testbed.ts';
import type { FlowReport } from '../support/traffic-orders.ts';
import { kernelPolicies, kernelStates } from '../support/xfrm.ts';

const secretKey = 'survives every restart';
const udp = 17;
const perSecond = 50;
/** The kernel's note that an SA is wanted. */
const larval = '00000000';
/** A flow that is refused while charon is away gets through again within this. */
const recovery = { deadlineMilliseconds: 40_000 };

/** One answer to a GET of the SAs. */
interface Poll {
  readonly atMs: number;
  readonly status: number;
  readonly listing: SaListing | undefined;
}

/**
 * When charon was told to go and was started again, in epoch milliseconds; told in good order it ends its SAs, and says
 * so.
 */
interface Outage {
  readonly endsSas: boolean;
  readonly beganMs: number;
  readonly overMs: number;
}

/**
 * Whether the answer gives an empty list as truth that is none. A flow never stops asking for SAs, so there are none
 * only when charon has ended them itself, and when a new one has just begun.
 */
function isLie({ atMs, listing }: Poll, outage: Outage): boolean {
  if (listing === undefined || listing.records.length > 0 || listing.error !== undefined) return false;
  if (outage.endsSas && atMs >= outage.beganMs) return false;
  return Date.parse(listing.observed_at) < outage.overMs;
}

/** charon killed and restarted, and the server restarted, under traffic: nothing is lost, nothing leaves in clear. */
export function charonRestartScenario(testbed: () => Testbed): void {
  describe('while a UDP flow runs both ways', () => {
    let bed: Testbed;
    let capture: Capture;
    let policies: readonly string[];
    let stopFlows: readonly (() => Promise<FlowReport>)[] = [];

    beforeAll(async () => {
      bed = testbed();
      await bed.begin((ours, peer) =>
        swanctlConf(
          [
            {
              name: 'ours',
              local: peer.ipv4,
              remote: ours.ipv4,
              children: [
                {
                  name: 'udp',
                  localTs: `${peer.ipv4}/32[udp]`,
                  remoteTs: `${ours.ipv4}/32[udp]`,
                  startAction: 'trap',
                },
              ],
            },
          ],
          [{ name: 'ours', identities: [ours.ipv4, peer.ipv4], key: secretKey }],
        ),
      );
      const { ours, peer, operator } = bed;
      await bed.traffic.peer.echo('udp', peer.ipv4, 7007);
      await bed.traffic.ours.echo('udp', ours.ipv4, 7008);
      // From before the first policy's 201: nothing of the selector was ever sent in clear.
      capture = await Capture.start(bed.network, ours, join(bed.directory, 'wire.pcap'));
      const local = ours.ipv4;
      const shunt = { local, remote: peer.ipv4, protocol: 'tcp' } as const;
      policies = [
        await operator.create({ name: 'flow', local, remote: peer.ipv4, protocol: 'udp', secretKey }),
        await operator.create({ name: 'no-telnet', action: 'discard', ...shunt, remotePort: 23 }),
        await operator.create({ name: 'ssh', action: 'bypass', ...shunt, remotePort: 22 }),
        await operator.create({
          name: 'six',
          local: ours.ipv6,
          remote: peer.ipv6,
          protocol: 'udp',
          remotePort: 7007,
          secretKey,
        }),
      ];
      stopFlows = await Promise.all([
        bed.traffic.ours.flow({ source: ours.ipv4, destination: peer.ipv4, port: 7007, perSecond }),
        bed.traffic.peer.flow({ source: peer.ipv4, destination: ours.ipv4, port: 7008, perSecond }),
      ]);
      await operator.untilInstalled('flow', recovery);
    });

    // Killed, charon tells nobody that its SAs are over, and this peer never asks whether we live.
    afterAll(async () => {
      await bed.stock.swanctl('--terminate', '--ike', 'ours', '--force');
    });

    /** Lists the SAs over and over while `during` happens. */
    const polled = async (during: () => Promise<void>): Promise<readonly Poll[]> => {
      const polls: Poll[] = [];
      const over = new AbortController();
      const polling = (async () => {
        while (!over.signal.aborted) {
          const atMs = Date.now();
          const answer = await bed.server.call('GET', '/api/security/ipsec/security-associations?fields=*');
          const listing = answer.status === 200 ? (answer.body as SaListing) : undefined;
          polls.push({ atMs, status: answer.status, listing });
          await delay(50);
        }
      })();
      try {
        await during();
      } finally {
        over.abort();
        await polling;
      }
      return polls;
    };

    /** All policies are carried out by the charon that now runs, and packets arrive in both directions. */
    const untilRecovered = async (): Promise<void> => {
      for (const uuid of policies)
        await bed.operator.until(uuid, ({ state }) => state === 'applied', recovery);
      const selectors = (await kernelPolicies(bed.ours)).filter((policy) => policy.mark === undefined);
      const outbound = selectors.filter((policy) => policy.direction === 'out');
      for (const selector of [
        'proto udp',
        'proto tcp dport 23',
        'proto tcp dport 22',
        'proto udp dport 7007',
      ])
        expect(
          outbound.some((policy) => policy.selector === selector),
          `${selector} is in the kernel`,
        ).toBe(true);
      await eventually(
        'an SA that carries packets both ways',
        async () =>
          (await bed.operator.installed('flow')).find(
            ({ ipsec }) =>
              (ipsec?.inbound.packets ?? 0) > perSecond && (ipsec?.outbound.packets ?? 0) > perSecond,
          ),
        recovery,
      );
      await eventually('the kernel and the API agree on which SAs there are', async () => {
        const { records } = await bed.operator.sas();
        const pairs = records.flatMap(({ ipsec }) =>
          ipsec === undefined ? [] : [ipsec.inbound, ipsec.outbound],
        );
        const listed = new Set(pairs.map((direction) => direction.security_parameter_index));
        const held = (await kernelStates(bed.ours)).map(({ spi }) => spi).filter((spi) => spi !== larval);
        return held.length >= 2 && held.every((spi) => listed.has(spi));
      });
    };

    it.for([
      { how: 'SIGKILL', down: async () => await bed.daemons.charon.kill(), endsSas: false },
      { how: 'SIGTERM', down: async () => await bed.daemons.charon.stop(), endsSas: true },
    ])(
      '$how of charon and a new start bring all policies back, and the API never lies',
      async ({ how, down, endsSas }) => {
        const doomed = await bed.operator.create({
          name: `doomed by ${how}`,
          action: 'discard',
          local: bed.ours.ipv4,
          remote: bed.peer.ipv4,
          protocol: 'tcp',
          remotePort: 24,
        });
        const outage = { endsSas, beganMs: Date.now(), overMs: 0 };
        const polls = await polled(async () => {
          await down();
          const told = await eventually('the server notices', async () => {
            const { status, body } = await bed.operator.readiness();
            return status === 503 && body;
          });
          expect(told.datapath.ipspaces[0]?.reason).toBeDefined();
          for (const status of await bed.operator.statuses()) expect(status.state).toBe('pending');
          await bed.operator.delete(doomed);
          await eventually('the last known SAs are called so', async () => {
            const { records, error } = await bed.operator.sas();
            return error !== undefined && (endsSas || records.length > 0);
          });
          outage.overMs = Date.now();
          await bed.daemons.charon.start();
          await untilRecovered();
          await eventually('what was deleted meanwhile decides for nothing', async () =>
            (await kernelPolicies(bed.ours)).every((policy) => !policy.selector.includes('dport 24')),
          );
        });
        const lastKnown = polls.filter(({ listing }) => listing?.error !== undefined).length;
        const unavailable = polls.filter(({ status }) => status === 503).length;
        expect(polls.every(({ status }) => status === 200 || status === 503)).toBe(true);
        expect(polls.filter((poll) => isLie(poll, outage))).toEqual([]);
        console.info(
          `charon ${how}: back after ${Date.now() - outage.overMs} ms with 4 policies; ${polls.length} listings, ${lastKnown} marked as last known, ${unavailable} answered 503, 0 false`,
        );
      },
    );

    it('a restart of the server leaves the SAs up under the same uuids', async () => {
      const before = await bed.operator.sas();
      const kernelBefore = new Set((await kernelStates(bed.ours)).map((state) => state.spi));
      await bed.restartServer();
      await untilRecovered();
      const after = new Set((await bed.operator.sas()).records.map((sa) => sa.uuid));
      const kernelAfter = new Set((await kernelStates(bed.ours)).map((state) => state.spi));
      const usable = before.records.filter((sa) => sa.type === 'ike' || sa.ipsec?.state === 'installed');
      expect(usable.length).toBeGreaterThanOrEqual(2);
      expect(usable.filter((sa) => !after.has(sa.uuid))).toEqual([]);
      expect([...kernelBefore].filter((spi) => spi !== larval && !kernelAfter.has(spi))).toEqual([]);
      console.info(`server restart: ${usable.length} SAs before, the same ${usable.length} uuids after`);
    });

    it('no packet of the selector was ever in clear on the wire', async () => {
      const reports = await Promise.all(stopFlows.map((stop) => stop()));
      const packets = await capture.stop();
      const clear = plaintextOf(packets, { between: [bed.ours.ipv4, bed.peer.ipv4], protocol: udp });
      expect(clear.map(describePacket)).toEqual([]);
      const esp = packets.filter((packet) => packet.kind === 'esp').length;
      expect(esp).toBeGreaterThan(10 * perSecond);
      const figures = reports.map(
        ({ sent, answered, refused, longestGapMilliseconds }) =>
          `${answered} of ${sent} answered, refused ${JSON.stringify(refused)}, longest gap ${Math.round(longestGapMilliseconds)} ms`,
      );
      console.info(`on the wire: ${esp} ESP packets, 0 in clear; ours: ${figures[0]}; peer: ${figures[1]}`);
    });
  });
}
