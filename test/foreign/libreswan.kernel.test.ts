import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Exchanging, inClear, isAnswered, listenFor, untilAnswered } from '../datapath/exchanges.ts';
import type { Packet } from '../support/packet.ts';
import { issueCredentials } from './credentials.ts';
import { ForeignStage } from './foreign-stage.ts';
import {
  key,
  type LibreswanScenario,
  libreswanConfiguration,
  libreswanSuites,
  scenariosOf,
} from './libreswan-scenarios.ts';
import type { Sas } from './sa-pairs.ts';

const isFull = process.env['ESPLANADE_CAMPAIGN'] === 'full';
const runs = (['ours', 'peer'] as const).flatMap((first, half) =>
  scenariosOf(0).flatMap(({ title, isTelling, onlyBegunBy = first }, index) => {
    const scenario = scenariosOf(2 * index + half)[index];
    const by = first === 'ours' ? 'us' : 'Libreswan';
    const isChosen = (isFull || isTelling) && onlyBegunBy === first;
    return scenario && isChosen ? [[`${title}, begun by ${by}`, scenario, first] as const] : [];
  }),
);
const perSecond = 50;
/** Packets of one rekey, in a guest where everybody shares one emulated CPU. */
const mostLost = 5;

describe('a policy, with Libreswan at the other end', () => {
  let stage: ForeignStage;

  beforeAll(async () => {
    const { authority, ours, libreswan } = issueCredentials(isFull ? ['ecdsa', 'rsa'] : ['ecdsa']);
    stage = await ForeignStage.start(libreswan);
    await stage.bed.operator.believe('authority', authority);
    for (const [kind, one] of ours) await stage.bed.operator.installCertificate(kind, one);
  }, 240_000);
  afterAll(async () => await stage?.[Symbol.asyncDispose]());
  beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(stage.logs())));

  const prepare = async (scenario: LibreswanScenario, how: Exchanging): Promise<void> => {
    const { bed } = stage;
    await stage.begin(libreswanConfiguration(scenario, how.ends));
    await listenFor(bed, [...scenario.inside, ...scenario.beside], how);
    for (const [index, beyond] of scenario.policies.entries()) {
      const name = `policy ${index + 1}`;
      const ends = { local: how.ends.ours, remote: how.ends.peer };
      const secret = beyond.certificate === undefined ? { secretKey: key } : {};
      const uuid = await bed.operator.create({ name, ...ends, ...secret, ...beyond });
      if (scenario.suite !== 'suiteb_gcm256')
        await bed.operator.patchByCli(name, { cipher_suite: scenario.suite });
      await bed.operator.until(uuid, ({ state }) => state === 'applied');
    }
  };

  const exchanging = ({ family }: LibreswanScenario, first: 'ours' | 'peer'): Exchanging => ({
    family,
    first,
    ends: { ours: stage.bed.ours[family], peer: stage.bed.peer[family] },
  });

  it.each(runs)('carries %s', async (_, scenario, first) => {
    const { bed, libreswan } = stage;
    const how = exchanging(scenario, first);
    await prepare(scenario, how);
    const names = Object.keys(scenario.connections);
    if (first === 'peer') for (const name of names) await libreswan.initiate(name);
    for (const exchange of scenario.inside) await untilAnswered(bed, exchange, how);
    for (const exchange of scenario.beside)
      expect(await isAnswered(bed, exchange, how), JSON.stringify(exchange)).toBe(true);
    const sas = await stage.equalSas(names.length);
    await expectAlgorithms(scenario, names);
    const ike = (await bed.operator.sas()).records.flatMap((record) => record.ike ?? []);
    expect(ike.map(({ is_initiator }) => is_initiator)).toEqual([first === 'ours']);
    expect(await stage.isPostquantum()).toBe(scenario.policies[0]?.postquantumKey !== undefined);
    const packets = await stage.packetsSince();
    for (const exchange of scenario.inside)
      expect(inClear(packets, exchange, how)).toEqual({ fromOurs: [], fromPeer: [] });
    expect(espOf(packets)).toEqual(expectedEsp(sas, how, scenario.policies[0]?.action === 'esp_udp'));
  });

  const expectAlgorithms = async (scenario: LibreswanScenario, names: readonly string[]): Promise<void> => {
    const suite = libreswanSuites[scenario.suite];
    const theirs = await stage.libreswan.status();
    for (const name of names) expect(theirs.espAlgorithms.get(name)).toBe(suite.espAlgorithm);
    expect([...theirs.ikeAlgorithms.values()]).toContain(suite.ikeAlgorithm);
    for (const { cipher_suite } of (await stage.bed.operator.sas()).records)
      expect(cipher_suite).toBe(scenario.suite);
  };

  it('rekeys from either side under traffic', { timeout: 120_000 }, async () => {
    const scenario = scenariosOf(99).find(({ isTelling }) => isTelling);
    if (scenario === undefined) throw new Error('no scenario to rekey');
    const { bed, libreswan } = stage;
    const how = exchanging(scenario, 'ours');
    await prepare(scenario, how);
    const [exchange] = scenario.inside;
    if (exchange === undefined) throw new Error('nothing to send');
    await untilAnswered(bed, exchange, how);
    const rekeys: readonly (readonly [who: string, 'ike' | 'child', rekey: () => Promise<unknown>])[] = [
      ['ours', 'child', () => stage.rekeyOurs('child')],
      ['ours', 'ike', () => stage.rekeyOurs('ike')],
      ['Libreswan', 'child', () => libreswan.rekey('ipsec', 'all')],
      ['Libreswan', 'ike', () => libreswan.rekey('ike', 'all')],
    ];
    const flow = {
      source: how.ends.ours,
      destination: how.ends.peer,
      port: exchange.peerPort,
      perSecond,
    };
    const figures: string[] = [];
    for (const [who, which, rekey] of rekeys) {
      const before = await stage.spis();
      const stop = await bed.traffic.ours.flow(flow);
      await rekey();
      await stage.untilRekeyed(which, before);
      // The flow goes on while these go there and back on the new SA.
      const onNewSa = await bed.traffic.ours.send({ ...flow, sourcePort: exchange.ourPort }, perSecond);
      expect(onNewSa).toMatchObject({ answered: perSecond });
      const { sent, answered } = await stop();
      expect(sent - answered).toBeLessThanOrEqual(mostLost);
      figures.push(`${which} by ${who}: ${sent - answered} of ${sent}`);
      await stage.equalSas(1, false);
    }
    const packets = await stage.packetsSince();
    expect(inClear(packets, exchange, how)).toEqual({ fromOurs: [], fromPeer: [] });
    console.info(`packets lost in rekeys with Libreswan: ${figures.join(', ')}`);
  });

  it.runIf(isFull)('comes up by the first packet of either end, and none leaves in clear', async () => {
    const { bed, libreswan } = stage;
    for (const [number, first] of [
      [96, 'peer'],
      [97, 'ours'],
    ] as const) {
      const [scenario] = scenariosOf(number);
      const [exchange] = scenario?.inside ?? [];
      if (scenario === undefined || exchange === undefined) throw new Error('nothing to try');
      const how = exchanging(scenario, first);
      await prepare(scenario, how);
      await libreswan.route('all');
      await untilAnswered(bed, exchange, how);
      await stage.equalSas(1, false);
      expect(inClear(await stage.packetsSince(), exchange, how)).toEqual({ fromOurs: [], fromPeer: [] });
    }
  });

  it('says so in the state of the policy when the keys differ, whoever begins', async () => {
    const { bed, libreswan } = stage;
    const [scenario] = scenariosOf(98);
    const [exchange] = scenario?.inside ?? [];
    if (scenario === undefined || exchange === undefined) throw new Error('nothing to try');
    const how = exchanging(scenario, 'ours');
    await prepare({ ...scenario, policies: [{ secretKey: 'another key than Libreswan has' }] }, how);
    const [policy] = await bed.operator.statuses();
    if (policy === undefined) throw new Error('no policy');
    const told = async (reason: RegExp): Promise<void> => {
      await bed.operator.until(policy.uuid, ({ last_failure }) => reason.test(last_failure ?? ''));
    };
    expect(await isAnswered(bed, exchange, how)).toBe(false);
    await told(/^The remote refused our authentication/);
    await expect(libreswan.initiate('all')).rejects.toThrow('AUTHENTICATION_FAILED');
    await told(/^The remote's authentication does not fit our pre-shared key/);
    expect(inClear(await stage.packetsSince(), exchange, how)).toEqual({ fromOurs: [], fromPeer: [] });
  });
});

/** The kinds of ESP on the wire: by whose SA, in which wrapping. */
function espOf(packets: readonly Packet[]): readonly string[] {
  const kinds = packets.flatMap((packet) =>
    packet.kind === 'esp' ? `${packet.source} ${packet.spi} ${packet.isInUdp ? 'in UDP' : 'plain'}` : [],
  );
  return [...new Set(kinds)].sort();
}

function expectedEsp({ pairs }: Sas, { ends }: Exchanging, isInUdp: boolean): readonly string[] {
  const wrapping = isInUdp ? 'in UDP' : 'plain';
  return pairs
    .flatMap(({ inbound, outbound }) => [
      `${ends.ours} ${outbound.spi} ${wrapping}`,
      `${ends.peer} ${inbound.spi} ${wrapping}`,
    ])
    .sort();
}
