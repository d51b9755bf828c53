import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Datapath } from '@esplanade/datapath';
import { openStrongswanDatapath } from '@esplanade/datapath/strongswan';
import { type IpsecPolicy, type Spd, spdOf } from '@esplanade/domain';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type IpspaceDaemons, startIpspaceDaemons } from '../support/charon.ts';
import { runCommand } from '../support/command.ts';
import { Network } from '../support/network.ts';
import { kernelPolicyText } from '../support/xfrm.ts';
import {
  count,
  describePolicy,
  describeTrial,
  disagreements,
  emptyTally,
  judge,
  type Trial,
} from './model-and-kernel.ts';
import { oracleDevice, PacketOracle, type Probe } from './packet-oracle.ts';
import { Random } from './random.ts';
import { RandomPolicies } from './random-policies.ts';
import { randomProbes } from './random-probes.ts';
import { worlds } from './random-world.ts';

const isFull = process.env['ESPLANADE_CAMPAIGN'] === 'full';
const sets = isFull ? 250 : 40;
const packetsPerSet = 80;
const setsBetweenUpheavals = 8;
const seed = Number(process.env['ESPLANADE_SEED'] ?? Date.now() % 1_000_000);

/** What may happen between two sets. A charon that was killed and has no guard leaves its policies behind. */
const upheavals = {
  guarded: ['server restart', 'charon stop', 'charon kill'],
  unguarded: ['server restart', 'charon stop'],
} as const;
type Upheaval = (typeof upheavals)['guarded'][number];

/** It needs no ESP: what is protected waits for an SA that never comes. */
describe('the model against the kernel', { retry: 0 }, () => {
  let directory: string;
  let network: Network<'ours'>;
  let oracle: PacketOracle;
  let daemons: IpspaceDaemons;
  let datapath: Datapath;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-model-'));
    network = await Network.create(['ours']);
    oracle = await PacketOracle.start(network.hosts.ours);
    await layCable();
  });

  afterEach(async () => {
    await datapath?.close();
    await daemons?.close();
    await oracle?.stop();
    await network?.close();
    await rm(directory, { recursive: true });
  });

  it.each(['guarded', 'unguarded'] as const)(
    `agrees on ${packetsPerSet} packets of each of ${sets} random policy sets, %s, seed ${seed}`,
    { timeout: 60_000 + sets * 5_000 },
    async (kind) => {
      const random = new Random(seed);
      const policies = new RandomPolicies(random);
      const agreed = emptyTally();
      const { namespace } = network.hosts.ours;
      daemons = await startIpspaceDaemons({ namespace, directory, guarded: kind === 'guarded' });
      await connect();
      for (let set = 1; set <= sets; set += 1) {
        const isUpheaval = set % setsBetweenUpheavals === 0;
        const upheaval = isUpheaval ? random.pick<Upheaval>(upheavals[kind]) : undefined;
        if (upheaval !== undefined) await upset(upheaval);
        const next = policies.next();
        const selectors = next.map(({ selector }) => selector);
        const trials = await tryOut(next, randomProbes(packetsPerSet, selectors, random));
        const [wrong] = disagreements(trials);
        if (wrong !== undefined) {
          const when = `seed ${seed}, ${kind}, set ${set}${upheaval === undefined ? '' : ` after ${upheaval}`}`;
          throw new Error(`${when}: ${await explain(next, wrong)}`);
        }
        count(trials, agreed);
      }
      const pairs = sets * packetsPerSet;
      console.info(`${kind}, seed ${seed}: ${pairs} pairs, 0 disagreements ${JSON.stringify(agreed)}`);
      // A campaign that rarely meets one of them would prove little.
      for (const [what, met] of Object.entries(agreed)) expect(met, what).toBeGreaterThan(pairs / 50);
    },
  );

  async function layCable(): Promise<void> {
    const { ours } = network.hosts;
    await runCommand('ip', ['-n', ours.namespace, 'link', 'set', oracleDevice, 'up']);
    for (const { locals } of Object.values(worlds)) {
      for (const local of locals) {
        const flags = local.includes(':') ? ['nodad'] : [];
        await runCommand('ip', [
          '-n',
          ours.namespace,
          'address',
          'add',
          local,
          'dev',
          oracleDevice,
          ...flags,
        ]);
      }
    }
    for (const family of ['-4', '-6'])
      await runCommand('ip', ['-n', ours.namespace, family, 'route', 'add', 'default', 'dev', oracleDevice]);
    const settings = ['all', oracleDevice].map((device) => `net.ipv4.conf.${device}.rp_filter=0`);
    await network.run(ours, 'sysctl', '-qw', ...settings);
  }

  async function connect(): Promise<void> {
    // What waits for an SA is dropped at once, instead of asking again later. charon's launcher sets the opposite.
    await network.run(network.hosts.ours, 'sysctl', '-qw', 'net.core.xfrm_larval_drop=1');
    datapath = openStrongswanDatapath({
      place: { nodeUuid: 'node-1', ipspaceUuid: 'ipspace-1' },
      mainSocketPath: daemons.charon.socket,
      guardSocketPath: daemons.guard?.socket,
    });
  }

  async function upset(upheaval: Upheaval): Promise<void> {
    await datapath.close();
    if (upheaval === 'charon stop') await daemons.charon.restart();
    if (upheaval === 'charon kill') {
      await daemons.charon.kill();
      await daemons.charon.start();
    }
    await connect();
  }

  /** Puts the policies in force through the driver, and sends the packets while charon and its guard stand still. */
  async function tryOut(
    policies: readonly IpsecPolicy[],
    probes: readonly Probe[],
  ): Promise<readonly Trial[]> {
    const spd = spdOf(policies);
    await enforce(spd);
    const { charon, guard } = daemons;
    const both = guard === undefined ? [charon] : [charon, guard];
    for (const daemon of both) await daemon.hang();
    const stopped = { charonPid: charon.pid, guardPid: guard?.pid };
    const fates = await oracle.probe(probes, stopped);
    await oracle.silence(stopped);
    for (const daemon of both) daemon.resume();
    return probes.map((probe, index): Trial => {
      const fate = fates[index];
      if (fate === undefined) throw new Error('the oracle left out a packet');
      return { probe, fate, ...judge(spd, probe.packet) };
    });
  }

  /** As the reconciler does it: what is desired comes in before what is not goes. */
  async function enforce(spd: Spd): Promise<void> {
    const entries = [...spd.entries()];
    expect(await datapath.installAll(entries, { replayWindow: 0 })).toEqual(new Map());
    const wanted = new Set(entries.map(({ policy }) => policy.uuid));
    for (const { policyUuid } of await datapath.installed())
      if (!wanted.has(policyUuid)) await datapath.remove(policyUuid);
  }

  async function explain(policies: readonly IpsecPolicy[], wrong: Trial): Promise<string> {
    const kernel = await kernelPolicyText(network.hosts.ours);
    let needed = policies;
    for (const policy of policies) {
      const fewer = needed.filter((one) => one !== policy);
      if (disagreements(await tryOut(fewer, [wrong.probe])).length > 0) needed = fewer;
    }
    const parts = [
      describeTrial(wrong),
      'It takes these policies (none, if it comes of what went before):',
      ...needed.map(describePolicy),
      'The kernel had:',
      kernel,
    ];
    return parts.join('\n');
  }
});
