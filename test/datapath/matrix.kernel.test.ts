import { join } from 'node:path';
import { type Message, ViciClient } from '@esplanade/vici';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Capture } from '../support/capture.ts';
import type { Packet } from '../support/packet.ts';
import { Testbed } from '../support/testbed.ts';
import { equalViews } from './equal-views.ts';
import { type Exchanging, inClear, isAnswered, layTunnels, listenFor, untilAnswered } from './exchanges.ts';
import {
  campaignScenarios,
  defaultSuite,
  isByCertificate,
  isProtecting,
  type Scenario,
  tellingScenarios,
  valuesOf,
} from './matrix.ts';
import { type SaView, viewOfApi } from './sa-view.ts';
import { ScenarioCredentials } from './scenario-credentials.ts';
import { type Ends, type Exchange, planOf, type ScenarioPlan } from './scenario-plan.ts';

const isFull = process.env['ESPLANADE_CAMPAIGN'] === 'full';
const scenarios = isFull ? campaignScenarios() : tellingScenarios();

/** Of the peer too, which is another remote to us there. */
const secondAddresses = { ipv4: '10.9.0.52', ipv6: 'fd00:9::52' } as const;

describe(`what the API accepts, with a stock peer: ${scenarios.length} scenarios`, () => {
  let bed: Testbed;
  let capture: Capture;
  let peerCharon: ViciClient;
  let credentials: ScenarioCredentials;
  let seen = 0;

  beforeAll(async () => {
    bed = await Testbed.start();
    await layTunnels(bed);
    await bed.network.addAddress(bed.peer, `${secondAddresses.ipv4}/24`);
    await bed.network.addAddress(bed.peer, `${secondAddresses.ipv6}/64`);
    credentials = await ScenarioCredentials.install(bed, Object.values(secondAddresses));
    // The peer too keeps its first packet until it has an SA, which saves each scenario a retransmission.
    await bed.network.run(bed.peer, 'sysctl', '-qw', 'net.core.xfrm_larval_drop=0');
    capture = await Capture.start(bed.network, bed.ours, join(bed.directory, 'matrix.pcap'));
    peerCharon = new ViciClient({ path: bed.stock.charon.socket });
  });

  afterAll(async () => {
    peerCharon?.close();
    await capture?.stop();
    await bed?.[Symbol.asyncDispose]();
  });

  beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(bed.logs())));

  it.each(scenarios.map((scenario, number) => [valuesOf(scenario).join(' '), scenario, number] as const))(
    '%s',
    async (_, scenario, number) => {
      const { family, first } = scenario;
      const addresses = { ours: bed.ours[family], peer: bed.peer[family], second: secondAddresses[family] };
      const plan = planOf(scenario, addresses, number);
      const hows = plan.ends.map((ends, index): Exchanging & Pick<ScenarioPlan, 'inside' | 'beside'> => {
        // The tunnels are between the first addresses.
        const isPossible = ({ protocol }: Exchange): boolean => index === 0 || protocol !== 'gre';
        const [inside, beside] = [plan.inside.filter(isPossible), plan.beside.filter(isPossible)];
        return { family, ends, first, inside, beside };
      });
      if (isByCertificate(scenario)) await credentials.prepare(scenario);
      await bed.begin(
        () => plan.peerConfiguration,
        isByCertificate(scenario) ? credentials.ofPeer(scenario) : {},
      );
      // Our own address is the same to all of them.
      for (const how of first === 'ours' ? hows : hows.slice(0, 1))
        await listenFor(bed, [...how.inside, ...how.beside], how);
      await createPolicies(plan, scenario);
      await packetsSince();
      for (const how of hows) {
        if (scenario.action === 'discard') {
          for (const exchange of how.inside) expect(await isAnswered(bed, exchange, how)).toBe(false);
        } else {
          for (const exchange of how.inside) await untilAnswered(bed, exchange, how);
        }
        for (const exchange of how.beside)
          expect(await isAnswered(bed, exchange, how), JSON.stringify(exchange)).toBe(true);
      }
      const sas = isProtecting(scenario) ? await viewsOfAll(scenario, plan.ends) : [];
      const packets = await packetsSince();
      for (const how of hows) {
        for (const exchange of how.beside) expect(waysInClear(packets, exchange, how)).toEqual(bothWays);
        for (const exchange of how.inside)
          expect(waysInClear(packets, exchange, how), JSON.stringify(exchange)).toEqual(
            expectedWays(scenario),
          );
      }
      expect(espOf(packets)).toEqual(sas.flatMap((one) => expectedEsp(scenario, one)).sort());
    },
  );

  /** Of the SAs with each remote, once both ends show the same, and no other SA. */
  async function viewsOfAll({ authentication }: Scenario, ends: readonly Ends[]): Promise<readonly SaView[]> {
    const views: SaView[] = [];
    for (const { peer } of ends) views.push(await equalViews(ourView(peer), peerSas(peer)));
    const all = (await peerCharon.list('list-sas', 'list-sa')).flatMap((row) => row.sections());
    expect(all).toHaveLength(ends.length);
    const isMixed = authentication === 'psk and post-quantum key';
    expect(all.map(([, sa]) => sa.yesNo('ppk') === true)).toEqual(ends.map(() => isMixed));
    return views;
  }

  const ourView = (peer: string) => async (): Promise<SaView | undefined> =>
    viewOfApi((await bed.operator.sas()).records.filter((sa) => sa.remote_address === peer));
  const peerSas = (peer: string) => async (): Promise<readonly Message[]> => {
    const rows = await peerCharon.list('list-sas', 'list-sa');
    return rows.filter((row) => row.sections().some(([, sa]) => sa.text('local-host') === peer));
  };

  async function createPolicies(plan: ScenarioPlan, { suite }: Scenario): Promise<void> {
    for (const wish of plan.policies) {
      const uuid = await bed.operator.create(wish);
      if (suite !== defaultSuite) await bed.operator.patchByCli(wish.name, { cipher_suite: suite });
      await bed.operator.until(uuid, ({ state }) => state === 'applied');
    }
  }

  async function packetsSince(): Promise<readonly Packet[]> {
    const all = await capture.packets();
    const since = all.slice(seen);
    seen = all.length;
    return since;
  }
});

interface Ways {
  readonly fromOurs: boolean;
  readonly fromPeer: boolean;
}

const bothWays: Ways = { fromOurs: true, fromPeer: true };

function waysInClear(packets: readonly Packet[], exchange: Exchange, how: Exchanging): Ways {
  const { fromOurs, fromPeer } = inClear(packets, exchange, how);
  return { fromOurs: fromOurs.length > 0, fromPeer: fromPeer.length > 0 };
}

/** Which ways the policy's own traffic is readable on the wire: nothing keeps a peer from sending what we discard. */
function expectedWays({ action, first }: Scenario): Ways {
  if (action === 'bypass') return bothWays;
  return { fromOurs: false, fromPeer: action === 'discard' && first === 'peer' };
}

/** The kinds of ESP on the wire: by whose SA, in which wrapping. */
function espOf(packets: readonly Packet[]): readonly string[] {
  const kinds = packets.flatMap((packet) =>
    packet.kind === 'esp' ? `${packet.source} ${packet.spi} ${packet.isInUdp ? 'in UDP' : 'plain'}` : [],
  );
  return [...new Set(kinds)].sort();
}

function expectedEsp({ action }: Scenario, sas: SaView): readonly string[] {
  const wrapping = action === 'esp_udp' ? 'in UDP' : 'plain';
  return [`${sas.local} ${sas.outbound.spi} ${wrapping}`, `${sas.remote} ${sas.inbound.spi} ${wrapping}`];
}
