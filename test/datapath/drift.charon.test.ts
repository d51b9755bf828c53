import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ViciClient } from '@esplanade/vici';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type IpspaceDaemons, startIpspaceDaemons } from '../support/charon.ts';
import { Esplanade } from '../support/esplanade.ts';
import { eventually } from '../support/eventually.ts';
import { Network } from '../support/network.ts';
import { Operator, type PolicyWish } from '../support/operator.ts';
import { kernelPolicies } from '../support/xfrm.ts';
import { driftPatience, driftTotal, metric, runDriftCampaign, type Way } from './drift-campaign.ts';

const secretKey = 'a key that nobody else has';
const wishes: readonly Pick<PolicyWish, 'name' | 'action' | 'secretKey'>[] = [
  { name: 'esp one', action: 'esp_transport', secretKey },
  { name: 'esp two', action: 'esp_transport', secretKey },
  { name: 'discard', action: 'discard' },
  { name: 'bypass', action: 'bypass' },
];

const esps = ['esp one', 'esp two'];
const theirKey = { id: 'theirs', type: 'IKE', data: 'their own key', owners: ['left', 'right'] };

/** Somebody else at charon's socket takes away what is ours, in every way there is without an SA. */
describe('what somebody does by hand', () => {
  let directory: string;
  let network: Network<'ours' | 'theirs'>;
  let remote: IpspaceDaemons;
  let daemons: IpspaceDaemons;
  let server: Esplanade;
  let operator: Operator;
  let charon: ViciClient;
  let guard: ViciClient;
  const uuids = new Map<string, string>();

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-drift-'));
    network = await Network.create(['ours', 'theirs']);
    daemons = await startIpspaceDaemons({ namespace: network.hosts.ours.namespace, directory });
    remote = await startIpspaceDaemons({
      name: 'remote',
      namespace: network.hosts.theirs.namespace,
      directory: join(directory, 'remote'),
      guarded: false,
    });
    await startServer();
    await operator.setIpsec(true);
    charon = new ViciClient({ path: daemons.charon.socket });
    guard = new ViciClient({ path: daemons.guard?.socket ?? '' });
    const ends = { local: '10.9.0.1', remote: '10.9.0.2', protocol: 'tcp' };
    for (const [index, wish] of wishes.entries())
      uuids.set(wish.name, await operator.create({ ...wish, ...ends, remotePort: 1000 + index }));
    await charon.request('load-conn', { theirs: dropOf('10.9.200.1/32') });
    await charon.request('load-shared', theirKey);
  });
  afterAll(async () => {
    charon?.close();
    guard?.close();
    await server?.stop();
    await daemons?.close();
    await remote?.close();
    await network?.close();
    await rm(directory, { recursive: true });
  });
  beforeEach(({ onTestFailed }) =>
    onTestFailed(() => console.error([...server.log, '---- charon', ...daemons.charon.log].join('\n'))),
  );

  const startServer = async (): Promise<void> => {
    server = await Esplanade.start({
      dataDirectory: join(directory, 'data'),
      flags: ['--datapath', 'strongswan', '--vici', `Default=${daemons.charon.socket}`],
    });
    operator = new Operator(server);
  };
  const dropOf = (remote: string, priority?: number) => ({
    remote_addrs: ['127.0.0.1'],
    children: {
      net: {
        mode: 'drop',
        start_action: 'trap',
        remote_ts: [remote],
        ...(priority !== undefined && { priority: String(priority) }),
      },
    },
  });
  const uuidOf = (name: string): string => uuids.get(name) ?? '';
  const nameOf = async (client: ViciClient, pattern: RegExp): Promise<string> => {
    const found = (await client.request('get-conns')).texts('conns').find((name) => pattern.test(name));
    if (found === undefined) throw new Error(`no connection is like ${pattern}`);
    return found;
  };
  const unload = async (client: ViciClient, pattern: RegExp): Promise<void> => {
    await client.request('unload-conn', { name: await nameOf(client, pattern) });
  };
  const ways: readonly Way[] = [
    {
      way: 'a shared connection unloaded',
      hits: esps,
      kind: 'missing',
      act: () => unload(charon, /^esplanade-[0-9a-f]{12}$/),
    },
    {
      way: 'a discard unloaded',
      hits: ['discard'],
      kind: 'missing',
      act: () => unload(charon, new RegExp(`^esplanade-${uuidOf('discard')}`)),
    },
    {
      way: 'a bypass unloaded',
      hits: ['bypass'],
      kind: 'missing',
      act: () => unload(charon, new RegExp(`^esplanade-${uuidOf('bypass')}`)),
    },
    {
      way: 'a trap uninstalled',
      hits: ['esp two'],
      kind: 'missing',
      act: async () => {
        const rows = await charon.list('list-policies', 'list-policy', { trap: 'yes' });
        const all = rows.flatMap((row) => row.sections().map(([, policy]) => policy));
        const child = all
          .map((one) => one.text('child') ?? '')
          .find((one) => one.startsWith(uuidOf('esp two')));
        await charon.request('uninstall', { child: child ?? '' });
      },
    },
    {
      way: 'a secret unloaded',
      hits: esps,
      kind: 'missing',
      act: async () => {
        const keys = (await charon.request('get-shared')).texts('keys');
        await charon.request('unload-shared', { id: keys.find((id) => id.startsWith('esplanade-')) ?? '' });
      },
    },
    {
      way: 'all credentials cleared, and others loaded',
      hits: esps,
      kind: 'missing',
      act: async () => {
        await charon.request('clear-creds');
        await charon.request('load-shared', theirKey);
      },
    },
    {
      way: "the guard's block unloaded",
      hits: ['discard'],
      kind: 'missing',
      act: () => unload(guard, new RegExp(`^esplanade-block-${uuidOf('discard')}`)),
    },
    {
      way: 'neighbour discovery unloaded',
      hits: [],
      kind: 'implied_entry',
      act: () => unload(charon, /^esplanade-neighbour-discovery$/),
    },
    {
      way: "the guard's neighbour discovery uninstalled in part",
      hits: [],
      kind: 'implied_entry',
      act: async () => {
        await guard.request('uninstall', { child: 'type-135' });
      },
    },
    {
      way: 'a connection loaded under a name of ours',
      hits: [],
      kind: 'stranger',
      act: async () => {
        const policy = 'd0000000-0000-4000-8000-000000000001-0123456789ab';
        const { children, ...rest } = dropOf('10.9.201.1/32');
        await charon.request('load-conn', {
          [`esplanade-${policy}`]: { ...rest, children: { [policy]: children.net } },
        });
      },
    },
  ];
  /**
   * Loads a connection of ours again, under its own name and with its children's, but so that they let everything pass.
   */
  const alter = async (client: ViciClient, pattern: RegExp): Promise<void> => {
    const name = await nameOf(client, pattern);
    const [row] = await client.list('list-conns', 'list-conn', { ike: name });
    const children = row?.section(name)?.section('children')?.sections() ?? [];
    const passing = children.map(([child, shown]) => {
      // What it shows of ICMP it does not read.
      const isReadable = !shown.texts('local-ts').some((text) => text.includes('icmp'));
      const selector = { local_ts: shown.texts('local-ts'), remote_ts: shown.texts('remote-ts') };
      // Without the mark the guard's would be one policy with charon's own, and go from the kernel with it.
      const mark = client === guard ? { mark_in: '0/0x80000000', mark_out: '0/0x80000000' } : {};
      const pass = { mode: 'pass', start_action: 'trap', priority: '10', ...mark };
      return [
        child,
        isReadable ? { ...pass, ...selector } : { ...pass, remote_ts: ['10.9.202.1/32'] },
      ] as const;
    });
    await client.request('load-conn', {
      [name]: { remote_addrs: ['127.0.0.1'], children: Object.fromEntries(passing) },
    });
  };
  const alterings: readonly Way[] = [
    {
      way: 'a shared connection reloaded with other settings',
      hits: esps,
      kind: 'missing',
      act: () => alter(charon, /^esplanade-[0-9a-f]{12}$/),
    },
    {
      way: 'a discard reloaded as a bypass',
      hits: ['discard'],
      kind: 'missing',
      act: () => alter(charon, new RegExp(`^esplanade-${uuidOf('discard')}`)),
    },
    {
      way: "the guard's block reloaded as a bypass",
      hits: ['discard'],
      kind: 'missing',
      act: () => alter(guard, new RegExp(`^esplanade-block-${uuidOf('discard')}`)),
    },
    {
      way: 'neighbour discovery reloaded with other settings',
      hits: [],
      kind: 'implied_entry',
      act: () => alter(charon, /^esplanade-neighbour-discovery$/),
    },
  ];
  /** What the kernel and the daemons hold, in a form to compare. */
  const held = async (): Promise<readonly string[]> => {
    const policies = await kernelPolicies(network.hosts.ours);
    const kernel = policies.map((one) =>
      [one.direction, one.selector, one.source, one.destination, one.priority, one.mark].join(' '),
    );
    const keys = (await charon.request('get-shared')).texts('keys');
    const names = [charon, guard].map(async (client) => (await client.request('get-conns')).texts('conns'));
    return [...kernel, ...keys, ...(await Promise.all(names)).flat()].sort();
  };

  it(`is put right within 5 s and reported, in ${ways.length + alterings.length} ways, and nothing else is touched`, {
    timeout: 1_800_000,
  }, async () => {
    await runDriftCampaign({ server, operator, ways: [...ways, ...alterings], held });
  });

  it('is put right by the next start of the server when it is done while that is stopped', {
    timeout: 120_000,
  }, async () => {
    const whole = await held();
    await server.stop();
    for (const { act } of alterings) await act();
    expect(await held()).not.toEqual(whole);
    await startServer();
    await eventually(
      'all of it is put right',
      async () => JSON.stringify(await held()) === JSON.stringify(whole),
      {
        deadlineMilliseconds: 30_000,
      },
    );
    expect((await operator.statuses()).map(({ state }) => state)).toEqual(wishes.map(() => 'applied'));
  });

  it('is put right with the next beat when charon does not say a word of it', {
    timeout: 60_000,
  }, async () => {
    const ours = async (): Promise<readonly string[]> => (await held()).filter((one) => one !== theirKey.id);
    const whole = await ours();
    // Whatever was done before is looked into no more: only the beat is left.
    let comparisons = -1;
    const isQuiet = async (): Promise<boolean> => {
      const before = comparisons;
      const labels = 'ipspace="Default",daemon="charon",command="list-policies"';
      comparisons = await metric(server, `esplanade_vici_requests_total{${labels}}`);
      return comparisons === before;
    };
    await eventually('nothing is compared', isQuiet, {
      deadlineMilliseconds: 15_000,
      intervalMilliseconds: 1_500,
    });
    await charon.request('clear-creds');
    const isWhole = async (): Promise<boolean> => JSON.stringify(await ours()) === JSON.stringify(whole);
    // A beat is due every 15 s, whoever lists SAs meanwhile.
    await eventually(
      'the keys are back',
      async () =>
        (await operator.expect(200, 'GET', '/api/security/ipsec/security-associations')) && isWhole(),
      { deadlineMilliseconds: 20_000, intervalMilliseconds: 500 },
    );
  });

  it('is put right within 5 s when charon misses a key that nobody said was gone', async () => {
    const ours = async (): Promise<readonly string[]> => (await held()).filter((one) => one !== theirKey.id);
    const whole = await ours();
    const lost = await driftTotal(server, 'missing');
    const peer = new ViciClient({ path: remote.charon.socket });
    await peer.request('load-conn', {
      any: {
        version: '2',
        local: { auth: 'psk' },
        remote: { auth: 'psk' },
        children: { any: { mode: 'transport' } },
      },
    });
    peer.close();
    await charon.request('clear-creds');
    const ike = await nameOf(charon, /^esplanade-[0-9a-f]{12}$/);
    await expect(charon.request('initiate', { ike, timeout: '5000' })).rejects.toThrow();
    const isWhole = async (): Promise<boolean> => JSON.stringify(await ours()) === JSON.stringify(whole);
    await eventually('the keys are back', isWhole, driftPatience);
    expect(await driftTotal(server, 'missing')).toBe(lost + esps.length);
  });

  it.each(['gets in the way', 'esplanade-foo', 'esplanade-0123456789ab'])(
    'is left alone and shown as a warning where it only gets in the way, as %j does',
    async (name) => {
      const warnings = async (policy: string): Promise<readonly string[]> => {
        const path = `/api/esplanade/v1/policies/${uuidOf(policy)}?fields=warnings`;
        return (await operator.expect<{ warnings?: readonly string[] }>(200, 'GET', path)).warnings ?? [];
      };
      const foreign = async (): Promise<readonly string[]> => {
        const path = '/api/esplanade/v1/datapaths?fields=foreign';
        type Rows = { records: { foreign: { connections: readonly string[] } }[] };
        return (await operator.expect<Rows>(200, 'GET', path)).records.flatMap(
          (row) => row.foreign.connections,
        );
      };
      expect(await warnings('discard')).toEqual([]);
      const connection = dropOf('10.9.0.0/24', 1_000);
      await charon.request('load-conn', { [name]: connection });
      const [warning] = await eventually(
        'the clash is shown',
        async () => (await foreign()).includes(name) && (await warnings('discard')),
        driftPatience,
      );
      expect(warning).toContain(`"net" of the connection "${name}", which is not ours, comes first`);
      expect(await metric(server, 'esplanade_foreign_clashes{ipspace="Default"}')).toBe(wishes.length);
      expect((await operator.status(uuidOf('discard'))).state).toBe('applied');

      await charon.request('load-conn', { [name]: dropOf('10.9.0.0/24', 2_000_000_000) });
      await eventually(
        'it no longer comes first',
        async () => (await warnings('discard')).length === 0,
        driftPatience,
      );
      await charon.request('load-conn', { [name]: connection });
      await eventually(
        'it comes first again',
        async () => (await warnings('discard')).length === 1,
        driftPatience,
      );
      expect((await charon.request('get-conns')).texts('conns')).toContain(name);
      await charon.request('unload-conn', { name });
      await eventually(
        'the warning is gone with its cause',
        async () => !(await foreign()).includes(name) && (await warnings('discard')).length === 0,
        driftPatience,
      );
      expect(await metric(server, 'esplanade_foreign_clashes{ipspace="Default"}')).toBe(0);
    },
  );
});
