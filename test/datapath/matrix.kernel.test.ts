import { join } from 'node:path';
import { type Message, ViciClient } from '@esplanade/vici';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Capture } from '../support/capture.ts';
import type { Packet } from '../support/packet.ts';
import { Testbed } from '../support/testbed.ts';
import { equalViews } from './equal-views.ts';
import { type Exchanging, inClear, isAnswered, layTunnels, listenFor, untilAnswered } from './exchanges.ts';
import {
  defaultSuite,
  isProtecting,
  pairwiseScenarios,
  type Scenario,
  tellingScenarios,
  valuesOf,
} from './matrix.ts';
import { type SaView, viewOfApi } from './sa-view.ts';
import { type Exchange, planOf, type ScenarioPlan } from './scenario-plan.ts';

const isFull = process.env['ESPLANADE_CAMPAIGN'] === 'full';
const scenarios = isFull ? pairwiseScenarios() : tellingScenarios();

describe(`what the API accepts, with a stock peer: ${scenarios.length} scenarios`, () => {
  let bed: Testbed;
  let capture: Capture;
  let peerCharon: ViciClient;
  let seen = 0;

  beforeAll(async () => {
    bed = await Testbed.start();
    await layTunnels(bed);
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
      const how: Exchanging = {
        family: scenario.family,
        ends: { ours: bed.ours[scenario.family], peer: bed.peer[scenario.family] },
        first: scenario.first,
      };
      const plan = planOf(scenario, how.ends, number);
      await bed.begin(() => plan.peerConfiguration);
      await listenFor(bed, [...plan.inside, ...plan.beside], how);
      await createPolicies(plan, scenario);
      await packetsSince();
      if (scenario.action === 'discard') {
        for (const exchange of plan.inside) expect(await isAnswered(bed, exchange, how)).toBe(false);
      } else {
        for (const exchange of plan.inside) await untilAnswered(bed, exchange, how);
      }
      for (const exchange of plan.beside)
        expect(await isAnswered(bed, exchange, how), JSON.stringify(exchange)).toBe(true);
      const sas = isProtecting(scenario) ? await equalViews(ourView, peerSas) : undefined;
      const packets = await packetsSince();
      for (const exchange of plan.beside) expect(waysInClear(packets, exchange, how)).toEqual(bothWays);
      for (const exchange of plan.inside)
        expect(waysInClear(packets, exchange, how), JSON.stringify(exchange)).toEqual(expectedWays(scenario));
      expect(espOf(packets)).toEqual(expectedEsp(scenario, sas));
    },
  );

  const ourView = async (): Promise<SaView | undefined> => viewOfApi((await bed.operator.sas()).records);
  const peerSas = async (): Promise<readonly Message[]> => await peerCharon.list('list-sas', 'list-sa');

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

function expectedEsp({ action }: Scenario, sas: SaView | undefined): readonly string[] {
  if (sas === undefined) return [];
  const wrapping = action === 'esp_udp' ? 'in UDP' : 'plain';
  return [
    `${sas.local} ${sas.outbound.spi} ${wrapping}`,
    `${sas.remote} ${sas.inbound.spi} ${wrapping}`,
  ].sort();
}
