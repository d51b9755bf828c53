import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Capture } from '../support/capture.ts';
import { type IpspaceDaemons, startIpspaceDaemons } from '../support/charon.ts';
import { eventually } from '../support/eventually.ts';
import { ManyIpspaces } from '../support/many-ipspaces.ts';
import type { SaRecord } from '../support/operator.ts';
import { describePacket, type Packet, plaintextOf } from '../support/packet.ts';
import { swanctlConf } from '../support/peer-connection.ts';
import { StockPeer } from '../support/stock-peer.ts';
import { Traffic } from '../support/traffic.ts';
import { kernelStates } from '../support/xfrm.ts';

type Name = 'red' | 'blue';

const names = ['red', 'blue'] as const;
const [ours, peer] = ['10.9.0.1', '10.9.0.2'];
const port = 7000;
const perSecond = 100;
const udp = 17;
/** Every look is a TLS connection, in a guest with one emulated CPU. */
const patience = { deadlineMilliseconds: 60_000, intervalMilliseconds: 300 };
const keyOf = (name: Name): string => `the key of the IPspace ${name}`;

/** What one IPspace has. */
interface Side {
  readonly stock: StockPeer;
  readonly daemons: IpspaceDaemons;
  readonly traffic: Traffic;
  readonly policy: string;
}

/** The policy's pair of ESP SAs that the API lists for an IPspace. */
type PairOfSas = SaRecord & { readonly ipsec: NonNullable<SaRecord['ipsec']> };

const peerConf = (key: string): string =>
  swanctlConf(
    [
      {
        name: 'all',
        local: peer,
        remote: ours,
        children: [{ name: 'flow', localTs: `${peer}/32[udp]`, remoteTs: `${ours}/32[udp]` }],
      },
    ],
    [{ name: 'all', identities: [ours, peer], key }],
  );

describe('two IPspaces with the same addresses and selectors and different keys', () => {
  let stage: ManyIpspaces<Name>;
  const sides = new Map<Name, Side>();

  const sideOf = (name: Name): Side => {
    const side = sides.get(name);
    if (side === undefined) throw new Error(`${name} is not set up`);
    return side;
  };
  const setUp = async (name: Name): Promise<Side> => {
    await stage.create(name);
    // Without the launcher, whose every look is a process, and without guards: processes are dear in a guest.
    const daemons = await startIpspaceDaemons({
      namespace: stage.ours(name).namespace,
      directory: stage.directory,
      name,
      group: 'nogroup',
      guarded: false,
    });
    stage.defer(() => daemons.close());
    const stock = await StockPeer.start({
      namespace: stage.peer(name).namespace,
      directory: join(stage.directory, `peer-${name}`),
      configuration: peerConf(keyOf(name)),
    });
    stage.defer(() => stock.stop());
    const [traffic, echo] = [await Traffic.start(stage.ours(name)), await Traffic.start(stage.peer(name))];
    stage.defer(async () => void (await Promise.all([traffic.stop(), echo.stop()])));
    await echo.echo('udp', peer, port);
    const wish = { name: 'flow', local: ours, remote: peer, protocol: 'udp', secretKey: keyOf(name) };
    return { stock, daemons, traffic, policy: await stage.policy(name, wish) };
  };
  const flowOf = { source: ours, destination: peer, port, perSecond };
  const untilAnswered = (name: Name) =>
    eventually(
      `datagrams of ${name} are answered`,
      async () => (await sideOf(name).traffic.send(flowOf, 25)).answered === 25,
      patience,
    );
  const pairs = async (name: Name): Promise<readonly PairOfSas[]> =>
    (await stage.sas(name)).filter((sa): sa is PairOfSas => sa.ipsec !== undefined);
  const spisOf = (all: readonly PairOfSas[]): readonly string[] =>
    all.flatMap(({ ipsec }) => [
      ipsec.inbound.security_parameter_index,
      ipsec.outbound.security_parameter_index,
    ]);
  const espSpis = (packets: readonly Packet[]): ReadonlySet<string> =>
    new Set(packets.flatMap((packet) => (packet.kind === 'esp' ? [packet.spi] : [])));
  /** Of ours and of the peer, all that the kernel of an IPspace's wire has held: each SA belongs to exactly one. */
  const kernelSpis = async (name: Name): Promise<readonly string[]> => {
    const states = [...(await kernelStates(stage.ours(name))), ...(await kernelStates(stage.peer(name)))];
    return states.map(({ spi }) => spi);
  };

  beforeAll(async () => {
    stage = await ManyIpspaces.start(names);
    for (const name of names) sides.set(name, await setUp(name));
    for (const name of names) await stage.untilApplied(sideOf(name).policy);
    for (const name of names) await untilAnswered(name);
  });
  afterAll(async () => stage?.[Symbol.asyncDispose]());
  beforeEach(({ onTestFailed }) =>
    onTestFailed(() => {
      const logs = [...sides.values()].flatMap(({ daemons, stock }) => [
        daemons.charon.log,
        stock.charon.log,
      ]);
      console.error([stage.server.log, ...logs].map((log) => log.slice(-40).join('\n')).join('\n----\n'));
    }),
  );

  it('carry traffic at the same time, through a rekey in one and a change in the other, without a mix-up', {
    timeout: 120_000,
  }, async () => {
    const captures = new Map<Name, Capture>();
    const stops = new Map<Name, Awaited<ReturnType<Traffic['flow']>>>();
    const spis = new Map<Name, Set<string>>();
    const note = async (): Promise<void> => {
      for (const name of names) {
        const seen = spis.get(name) ?? new Set();
        for (const spi of await kernelSpis(name)) seen.add(spi);
        spis.set(name, seen);
      }
    };
    for (const name of names) {
      const file = join(stage.directory, `${name}.pcap`);
      captures.set(name, await Capture.start(stage.wire(name), stage.ours(name), file));
    }
    for (const name of names) stops.set(name, await sideOf(name).traffic.flow(flowOf));
    const before = { red: await pairs('red'), blue: await pairs('blue') };
    await note();
    await sideOf('red').stock.swanctl('--rekey', '--child', 'flow');
    await eventually(
      'red has rekeyed',
      async () => {
        const now = spisOf(await pairs('red'));
        return now.length > 0 && !spisOf(before.red).some((spi) => now.includes(spi));
      },
      patience,
    );
    await note();
    const query = new URLSearchParams({ vserver: 'svm-blue', name: 'flow' });
    const lifetime = { ipsec_lifetime: 7_200 };
    await stage.operator.expect(200, 'PATCH', `/api/private/cli/security/ipsec/policy?${query}`, lifetime);
    await eventually(
      'blue has another SA',
      async () => {
        const now = spisOf(await pairs('blue'));
        return now.length > 0 && !spisOf(before.blue).some((spi) => now.includes(spi));
      },
      patience,
    );
    await note();
    const after = { red: await pairs('red'), blue: await pairs('blue') };
    for (const name of names) {
      const { sent, answered, refused, longestGapMilliseconds } = await (stops.get(name) ?? unstarted)();
      const packets = (await captures.get(name)?.stop()) ?? [];
      const clear = plaintextOf(packets, { between: [ours, peer], protocol: udp });
      const gap = Math.round(longestGapMilliseconds);
      console.info(
        `${name}: ${sent - answered} of ${sent} lost, longest gap ${gap} ms, ${clear.length} in clear`,
      );
      expect(clear.map(describePacket)).toEqual([]);
      expect(refused).toEqual({});
      // The peer may use another SA before its answer has made it ours: half a second at most, on one emulated CPU.
      expect(sent - answered).toBeLessThanOrEqual(perSecond / 2);
      // On a wire are only SPIs that this IPspace's own kernels have had.
      const onWire = espSpis(packets);
      expect(onWire.size).toBeGreaterThanOrEqual(4);
      expect([...onWire].filter((spi) => !spis.get(name)?.has(spi))).toEqual([]);
    }
    const records = [...after.red, ...after.blue, ...before.red, ...before.blue];
    expect(new Set(records.map(({ uuid }) => uuid)).size).toBe(records.length);
    expect(spis.get('red')?.isDisjointFrom(spis.get('blue') ?? new Set())).toBe(true);
  });

  it('have records of their SAs that say whose they are, with the counters of their own kernel', async () => {
    for (const name of names) {
      const [record, ...more] = (await pairs(name)).filter(({ ipsec }) => ipsec.state === 'installed');
      expect(more).toEqual([]);
      expect(record).toMatchObject({
        policy_name: 'flow',
        svm: { name: `svm-${name}` },
        local_address: ours,
        remote_address: peer,
      });
      await eventually(
        'the counters are those of the kernel',
        async () => {
          const states = await kernelStates(stage.ours(name));
          const [now] = (await pairs(name)).filter(({ uuid }) => uuid === record?.uuid);
          const state = states.find(({ spi }) => spi === now?.ipsec.outbound.security_parameter_index);
          return now !== undefined && state?.packets === BigInt(now.ipsec.outbound.packets);
        },
        patience,
      );
    }
    const all = await stage.operator.sas();
    const listed = [...(await stage.sas('red')), ...(await stage.sas('blue'))];
    expect(all.records.map(({ uuid }) => uuid).sort()).toEqual(listed.map(({ uuid }) => uuid).sort());
  });

  it('take no key of the other', { timeout: 60_000 }, async () => {
    const { stock, policy } = sideOf('blue');
    const red = await pairs('red');
    await stock.load(peerConf(keyOf('red')));
    await stock.swanctl('--terminate', '--ike', 'all', '--force');
    await expect(stock.initiate('flow')).rejects.toThrow(/AUTHENTICATION_FAILED|AUTH_FAILED/);
    await sideOf('blue').traffic.send(flowOf, 1);
    const { last_failure } = await stage.operator.until(
      policy,
      (status) => status.last_failure !== undefined,
    );
    expect(last_failure).toMatch(/authenticat|key/i);
    expect((await pairs('blue')).filter(({ ipsec }) => ipsec.state === 'installed')).toEqual([]);
    expect(spisOf(await pairs('red'))).toEqual(spisOf(red));
    await stock.load(peerConf(keyOf('blue')));
    await untilAnswered('blue');
  });
});

function unstarted(): never {
  throw new Error('the flow was not started');
}
