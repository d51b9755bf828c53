import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Capture } from '../support/capture.ts';
import { runCommand } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { describePacket, plaintextOf } from '../support/packet.ts';
import { swanctlConf } from '../support/peer-connection.ts';
import type { Testbed } from '../support/testbed.ts';
import type { FlowReport } from '../support/traffic-orders.ts';

const secretKey = 'outlives every window';
const port = 7019;
const udp = 17;
const perSecond = 50;
const patience = { deadlineMilliseconds: 20_000 };
/** Of one renegotiation: the peer may use an SA a moment before its answer has made it ours. */
const mostLost = 5;

/** The anti-replay window is changed while an SA is up, with a stock peer that knows nothing of it. */
export function replayWindowScenario(testbed: () => Testbed): void {
  describe('a change of the anti-replay window', () => {
    let bed: Testbed;
    let uuid: string;
    let capture: Capture;
    let stopFlow: () => Promise<FlowReport>;
    let former: string;

    beforeAll(async () => {
      bed = testbed();
      await bed.begin((ours, peer) =>
        swanctlConf(
          [
            {
              name: 'ours',
              local: peer.ipv4,
              remote: ours.ipv4,
              children: [{ name: 'udp', localTs: `${peer.ipv4}/32[udp]`, remoteTs: `${ours.ipv4}/32[udp]` }],
            },
          ],
          [{ name: 'ours', identities: [ours.ipv4, peer.ipv4], key: secretKey }],
        ),
      );
      const { ours, peer, operator } = bed;
      await setWindow(64);
      uuid = await operator.create({
        name: 'window',
        local: ours.ipv4,
        remote: peer.ipv4,
        protocol: 'udp',
        secretKey,
      });
      await bed.traffic.peer.echo('udp', peer.ipv4, port);
      const flow = { source: ours.ipv4, destination: peer.ipv4, port, perSecond };
      await bed.traffic.ours.send(flow, 10);
      former = await inboundSpi();
      capture = await Capture.start(bed.network, ours, join(bed.directory, 'window.pcap'));
      stopFlow = await bed.traffic.ours.flow(flow);
    });

    const setWindow = async (window: number): Promise<void> => {
      await bed.operator.expect(200, 'PATCH', '/api/security/ipsec', { replay_window: window });
    };
    const inboundSpi = async (): Promise<string> =>
      (await bed.operator.untilInstalled('window', patience)).ipsec?.inbound.security_parameter_index ?? '';
    /** As the kernel holds it for an inbound SA. */
    const windowInKernel = async (spi: string): Promise<number> => {
      const list = ['-n', bed.ours.namespace, 'xfrm', 'state', 'list', 'spi', `0x${spi}`];
      return Number(/replay_window (\d+)/.exec((await runCommand('ip', list)).stdout)?.[1]);
    };
    const untilFormer = async (count: number): Promise<void> => {
      const path = `/api/esplanade/v1/policies/${uuid}?fields=sas_with_former_replay_window`;
      await eventually(
        `${count} SAs are said to have a former window`,
        async () => {
          const row = await bed.operator.expect<{ sas_with_former_replay_window?: number }>(200, 'GET', path);
          return row.sas_with_former_replay_window === count;
        },
        patience,
      );
    };

    it('leaves SAs the window they came up with, and says so', async () => {
      await untilFormer(0);
      expect(await windowInKernel(former)).toBe(64);
      await setWindow(128);
      await bed.operator.until(uuid, ({ state }) => state === 'applied', patience);
      await untilFormer(1);
      expect(await inboundSpi()).toBe(former);
      expect(await windowInKernel(former)).toBe(64);
    });

    it('is still said after a restart of the server, which leaves the SAs too', async () => {
      await bed.restartServer();
      await bed.operator.until(uuid, ({ state }) => state === 'applied', patience);
      await untilFormer(1);
      expect(await inboundSpi()).toBe(former);
    });

    it('takes effect when an SA is rekeyed, whoever begins', async () => {
      await bed.stock.swanctl('--rekey', '--child', 'udp');
      await untilFormer(0);
      const spi = await eventually(
        'there is one SA, and it is another',
        async () => {
          const [sa, ...more] = await bed.operator.installed('window');
          const now = sa?.ipsec?.inbound.security_parameter_index;
          return more.length === 0 && now !== undefined && now !== former && now;
        },
        patience,
      );
      expect(await windowInKernel(spi)).toBe(128);
      const { sent, answered } = await stopFlow();
      const clear = plaintextOf(await capture.stop(), {
        between: [bed.ours.ipv4, bed.peer.ipv4],
        protocol: udp,
      });
      console.info(`another window: ${sent - answered} of ${sent} packets lost, ${clear.length} in clear`);
      expect(clear.map(describePacket)).toEqual([]);
      expect(sent - answered).toBeLessThanOrEqual(mostLost);
      await setWindow(0);
    });
  });
}
