import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { launcher } from '../support/esplanade.ts';
import { eventually } from '../support/eventually.ts';
import { type Screen, Terminals } from '../support/terminal.ts';
import type { Testbed } from '../support/testbed.ts';
import { type KernelState, kernelStates } from '../support/xfrm.ts';
import { beginFlow, flowKey, typist } from './command-line-bed.ts';

const port = 7030;

/** An SA as `top --json` lists it. */
interface Listed {
  readonly policy_name: string;
  readonly ipsec: Readonly<Record<'inbound' | 'outbound', ListedDirection>>;
  readonly observed_at: string;
}

interface ListedDirection {
  readonly bytes: number;
  readonly packets: number;
  readonly bytes_per_second?: number;
  readonly packets_per_second?: number;
}

/** Rates by command, held against the counters of the kernel. */
export function topScenario(testbed: () => Testbed): void {
  describe('top', () => {
    let bed: Testbed;

    beforeAll(async () => {
      bed = testbed();
      await bed.traffic.peer.echo('udp', bed.peer.ipv4, port);
    });

    beforeEach(() => beginFlow(bed, port));

    /** A policy whose SA carries twenty datagrams each second, both ways, until what is returned is called. */
    const flowing = async () => {
      const { ours, peer, traffic } = bed;
      const selector = { local: ours.ipv4, remote: peer.ipv4, protocol: 'udp', remotePort: port };
      const uuid = await bed.operator.create({ name: 'flow', ...selector, secretKey: flowKey });
      const stop = await traffic.ours.flow({
        source: ours.ipv4,
        destination: peer.ipv4,
        port,
        perSecond: 20,
      });
      await eventually('the SA carries packets', async () => (await carried(bed)) !== undefined, patience);
      return { uuid, stop };
    };

    it('lists rates that are what the counters of the kernel grew by', async () => {
      const { stop } = await flowing();
      const before = await carried(bed);
      const { stdout } = await runCommand(launcher, ['top', '-count', '4', '-interval', '2', '--json'], {
        timeoutMilliseconds: 90_000,
        environment: typist(bed),
      });
      const after = await carried(bed);
      await stop();
      const listings = listingsIn(stdout);
      expect(listings).toHaveLength(4);
      const flows = listings.map((sas) => sas.filter(({ policy_name: name }) => name === 'flow'));
      expect(flows.map(({ length }) => length)).toEqual([1, 1, 1, 1]);
      for (const direction of ['inbound', 'outbound'] as const) {
        const counters = flows.flat().map(({ ipsec }) => ipsec[direction]);
        const within = [before?.[direction], ...counters, after?.[direction]];
        const bytes = within.map((counter) => Number(counter?.bytes));
        expect(bytes).toEqual(bytes.toSorted((one, other) => one - other));
        const packets = within.map((counter) => Number(counter?.packets));
        expect(packets).toEqual(packets.toSorted((one, other) => one - other));
      }
      for (const [index, sa] of flows.flat().entries()) {
        const last = flows.flat()[index - 1];
        if (last === undefined) continue;
        const seconds = (Date.parse(sa.observed_at) - Date.parse(last.observed_at)) / 1000;
        // Where the server has not looked again, it is the same look.
        if (seconds === 0) expect(sa).toEqual(last);
        else expectGrowth(last, sa, seconds);
      }
      expect(flows.flat().at(-1)?.ipsec.outbound.packets_per_second).toBeGreaterThan(0);
    });

    it('takes what an SA has carried for the rate of none that comes in its place, and ends with the policy', async () => {
      const { uuid, stop } = await flowing();
      const terminals = await Terminals.start(typist(bed));
      try {
        const command = [launcher, 'top', '-interval', '1'];
        const screen = await terminals.open({ columns: 120, rows: 16, command });
        const frames: string[] = [];
        const seen = (wanted: RegExp) =>
          screen.until((frame) => frames.push(frame) > 0 && wanted.test(frame), patience);
        await seen(/\n1 IPsec SA\ninbound [1-9][\d.]* k?B\/s in [1-9][\d.]* packets\/s, outbound [1-9]/);
        // So much that it would be seen, were it taken for what the next SA carries.
        await eventually(
          'the SA has carried much',
          async () => ((await carried(bed))?.outbound.bytes ?? 0n) > 6_000n,
          patience,
        );
        const former = await kernelStates(bed.ours);
        await bed.stock.swanctl('--rekey', '--child', 'flow');
        await eventually(
          'the former SA is gone',
          async () => {
            frames.push(await screen.read());
            const spis = new Set((await kernelStates(bed.ours)).map(({ spi }) => spi));
            return former.every(({ spi }) => !spis.has(spi));
          },
          patience,
        );
        await seen(/\n1 IPsec SA\ninbound [1-9][\d.]* k?B\/s[\s\S]*flow .* [1-9]\d* B\/s .* INSTALLED/);
        const rates = frames.flatMap((frame) => [...frame.matchAll(/([\d.]+) ([kM]?B)\/s/g)]);
        expect(rates.length).toBeGreaterThan(0);
        // It carries twenty datagrams of twenty bytes each second.
        expect(rates.filter(([, , unit]) => unit !== 'B').map(([text]) => text)).toEqual([]);
        await bed.operator.delete(uuid);
        await seen(/\n0 IPsec SAs\ninbound 0 B\/s[\s\S]*There are no IPsec SAs\./);
        await expectQuit(screen);
      } finally {
        await stop();
        await terminals.end();
      }
    });
  });
}

/** The guest has one processor. */
const patience = { deadlineMilliseconds: 60_000, intervalMilliseconds: 200 };

async function expectQuit(screen: Screen): Promise<void> {
  await screen.press('q');
  await eventually('top ends', async () => (await screen.status()) === 0, patience);
}

/** What the pair of SAs of the flow has carried by the kernel's own count; undefined before there is one, or traffic. */
async function carried(bed: Testbed) {
  const states = await kernelStates(bed.ours);
  const towards = (destination: string): KernelState | undefined =>
    states.find((state) => state.packets > 0n && state.destination === destination);
  const [inbound, outbound] = [towards(bed.ours.ipv4), towards(bed.peer.ipv4)];
  return inbound && outbound && { inbound, outbound };
}

/** One JSON text after the other, each an array that begins at the left edge. */
function listingsIn(text: string): readonly (readonly Listed[])[] {
  return text.split(/^(?=\[)/m).map((listing) => JSON.parse(listing));
}

function expectGrowth(last: Listed, sa: Listed, seconds: number): void {
  for (const direction of ['inbound', 'outbound'] as const) {
    const [one, other] = [last.ipsec[direction], sa.ipsec[direction]];
    expect(other.bytes_per_second).toBeCloseTo((other.bytes - one.bytes) / seconds, 1);
    expect(other.packets_per_second).toBeCloseTo((other.packets - one.packets) / seconds, 1);
  }
}
