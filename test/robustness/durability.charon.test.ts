import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type IpspaceDaemons, startIpspaceDaemons } from '../support/charon.ts';
import { Esplanade } from '../support/esplanade.ts';
import { Network } from '../support/network.ts';
import type { PolicyWish } from '../support/operator.ts';
import { swanctl } from '../support/stock-peer.ts';
import { kernelPolicies } from '../support/xfrm.ts';
import { runCampaign } from './crash-campaign.ts';
import type { Found } from './policy-writer.ts';
import { roundsOf, seedOf } from './rounds.ts';

const rounds = roundsOf({ share: 4, full: 50 });
const seed = seedOf();

describe('the server, killed while four writers write and charon carries the policies', () => {
  let directory: string;
  let network: Network<'ours'>;
  let daemons: IpspaceDaemons;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-durability-'));
    network = await Network.create(['ours']);
    daemons = await startIpspaceDaemons({ namespace: network.hosts.ours.namespace, directory });
  });

  afterAll(async () => {
    await daemons?.close();
    await network?.close();
    await rm(directory, { recursive: true });
  });

  /** Each form that charon holds, by the policy it belongs to. */
  const heldByCharon = async (): Promise<readonly string[]> => {
    const conns = await swanctl(daemons.charon.socket, '--list-conns');
    return [...conns.matchAll(/^ +([0-9a-f-]{36})-[0-9a-f]{12}(?:-w\d+)?: /gm)]
      .map(([, uuid = '']) => uuid)
      .sort();
  };

  /** What the kernel does with outgoing packets: charon's policies, and the blocks of the guard. */
  const heldByKernel = async (): Promise<{
    readonly entries: readonly string[];
    readonly blocks: readonly string[];
  }> => {
    const all = await kernelPolicies(network.hosts.ours);
    const outbound = all.filter(({ direction, selector }) => direction === 'out' && !/icmp/.test(selector));
    const entry = (action: string) => (policy: (typeof outbound)[number]) =>
      `${action} ${policy.destination} ${policy.selector}`;
    const actionOf = ({ action, isProtect }: (typeof outbound)[number]) => (isProtect ? 'protect' : action);
    return {
      entries: outbound
        .filter(({ mark }) => mark === undefined)
        .map((policy) => entry(actionOf(policy))(policy))
        .sort(),
      blocks: outbound
        .filter(({ mark }) => mark !== undefined)
        .map(entry('block'))
        .sort(),
    };
  };

  const expectCarried = async (policies: readonly Found[]): Promise<void> => {
    expect(await heldByCharon()).toEqual(policies.map(({ uuid }) => uuid).sort());
    const wishes = policies.map(({ wish }) => wish);
    const { entries, blocks } = await heldByKernel();
    expect(entries).toEqual(wishes.map((wish) => kernelEntry(kernelAction(wish), wish)).sort());
    const blocked = wishes.filter(({ action }) => action !== 'bypass');
    expect(blocks).toEqual(blocked.map((wish) => kernelEntry('block', wish)).sort());
  };

  it(`makes charon and the kernel hold exactly what is stored, in ${rounds} rounds`, {
    timeout: rounds * 30_000,
  }, async () => {
    const flags = ['--datapath', 'strongswan', '--vici', `Default=${daemons.charon.socket}`];
    const start = async () => await Esplanade.start({ dataDirectory: join(directory, 'data'), flags });
    const { acknowledged, kept, absent, policies, faults } = await runCampaign({
      rounds,
      writers: 4,
      seed,
      dataDirectory: join(directory, 'data'),
      start,
      expectCarried,
    });
    console.info(
      `durability with charon: ${rounds} SIGKILLs, ${acknowledged} acknowledged writes, ${faults.length} faults; ${kept + absent} unanswered: ${kept} wholly there, ${absent} not at all; charon, guard and kernel held exactly the ${policies} policies; seed ${seed}`,
    );
    expect(faults).toEqual([]);
    expect(acknowledged).toBeGreaterThanOrEqual(rounds * 40);
  });
});

function kernelAction({ action }: PolicyWish): string {
  if (action === 'bypass') return 'allow';
  return action === 'discard' ? 'block' : 'protect';
}

function kernelEntry(action: string, { remote, protocol, remotePort }: PolicyWish): string {
  return `${action} ${remote}/32 proto ${protocol} dport ${remotePort}`;
}
