import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type IpspaceDaemons, startIpspaceDaemons } from '../support/charon.ts';
import { runCommand } from '../support/command.ts';
import type { Daemon } from '../support/daemon.ts';
import { Esplanade } from '../support/esplanade.ts';
import { eventually } from '../support/eventually.ts';
import { startKernelReader } from '../support/kernel-reader.ts';
import { Network } from '../support/network.ts';
import { Operator, type PolicyWish } from '../support/operator.ts';
import { kernelPolicies, kernelPolicyText } from '../support/xfrm.ts';
import { driftPatience, runDriftCampaign, type Way } from './drift-campaign.ts';

const secretKey = 'a key that nobody else has';
const policies: readonly PolicyWish[] = [
  {
    name: 'esp',
    action: 'esp_transport',
    secretKey,
    local: '10.9.0.1',
    remote: '10.9.0.2',
    protocol: 'tcp',
    remotePort: 2049,
  },
  { name: 'esp of a network', action: 'esp_transport', secretKey, local: '10.9.0.1', remote: '10.9.4.0/24' },
  { name: 'esp over ipv6', action: 'esp_transport', secretKey, local: 'fd00::1', remote: 'fd00::2' },
  {
    name: 'discard',
    action: 'discard',
    local: '10.9.0.1',
    remote: '10.9.0.3',
    protocol: 'udp',
    remotePort: 53,
  },
  { name: 'bypass', action: 'bypass', local: '10.9.0.1', remote: '10.9.0.4', protocol: '99' },
];

interface KernelView {
  readonly checked: boolean;
  readonly reason?: string;
  readonly observed?: string;
  readonly missing?: number;
}
interface Datapaths {
  readonly records: readonly { readonly kernel: KernelView }[];
}
/** Somebody with the right to do so takes policies out of the kernel. Charon does not notice. */
describe.each(['with a guard', 'without a guard'])('what somebody takes out of the kernel, %s', (guarded) => {
  let directory: string;
  let network: Network<'ours'>;
  let daemons: IpspaceDaemons;
  let reader: Daemon;
  let server: Esplanade;
  let operator: Operator;
  let whole: readonly string[];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-kernel-'));
    network = await Network.create(['ours']);
    const place = { namespace: network.hosts.ours.namespace, directory };
    daemons = await startIpspaceDaemons({ ...place, guarded: guarded === 'with a guard' });
    server = await Esplanade.start({
      dataDirectory: join(directory, 'data'),
      flags: ['--datapath', 'strongswan', '--vici', `Default=${daemons.charon.socket}`],
    });
    operator = new Operator(server);
    await operator.setIpsec(true);
    for (const wish of policies) await operator.create(wish);
    reader = await startKernelReader(place);
    whole = await held();
  });
  afterAll(async () => {
    await server?.stop();
    await reader?.end();
    await daemons?.close();
    await network?.close();
    await rm(directory, { recursive: true });
  });
  beforeEach(({ onTestFailed }) =>
    onTestFailed(() => console.error([...server.log, ...reader.log, ...daemons.charon.log].join('\n'))),
  );

  const ip = async (...command: readonly string[]): Promise<void> => {
    await runCommand('ip', ['-n', network.hosts.ours.namespace, 'xfrm', ...command]);
  };
  const held = async (): Promise<readonly string[]> =>
    (await kernelPolicies(network.hosts.ours))
      .map((one) =>
        [one.direction, one.source, one.destination, one.selector, one.priority, one.action, one.mark].join(
          ' ',
        ),
      )
      .sort();
  const kernel = async (): Promise<KernelView | undefined> => {
    const path = '/api/esplanade/v1/datapaths?fields=kernel';
    return (await operator.expect<Datapaths>(200, 'GET', path)).records[0]?.kernel;
  };
  const isWhole = async (): Promise<boolean> => JSON.stringify(await held()) === JSON.stringify(whole);
  const isAtEase = async (): Promise<boolean> => {
    const view = await kernel();
    return view?.checked === true && view.missing === 0;
  };
  /**
   * Deletes the first policy that is like this and has no mark (`ip` deletes none with a mark of value 0), by its
   * index.
   */
  const remove = async (pattern: RegExp): Promise<void> => {
    const record = (await kernelPolicyText(network.hosts.ours))
      .split(/\n(?=src )/)
      .find((one) => pattern.test(one) && !/\n\tmark /.test(one));
    const [, direction = ''] = /dir (\S+)/.exec(record ?? '') ?? [];
    const [, index = ''] = /index (\d+)/.exec(record ?? '') ?? [];
    await ip('policy', 'delete', 'index', index, 'dir', direction);
  };
  const all = policies.map(({ name }) => name);
  const way = (what: string, hits: readonly string[], act: () => Promise<void>): Way => ({
    way: what,
    hits,
    kind: hits.length > 0 ? 'missing' : 'implied_entry',
    act,
  });
  const ways: readonly Way[] = [
    way('every policy', all, () => ip('policy', 'flush')),
    way('half a trap', ['esp'], () => remove(/dport 2049[^\n]*\n\tdir out action allow/)),
    ...(guarded === 'without a guard'
      ? []
      : [
          way('the inbound half of a trap for IPv6', ['esp over ipv6'], () =>
            remove(/^src fd00::2\/128 [^\n]*\n\tdir in action allow/),
          ),
          way('a discard', ['discard'], () => remove(/dport 53[^\n]*\n\tdir out action block/)),
          way('a bypass', ['bypass'], () => remove(/proto 99[^\n]*\n\tdir in action allow/)),
          way('a bypass for neighbour discovery', [], () => remove(/ipv6-icmp type 135/)),
        ]),
  ];

  it(`is put back within 5 s and reported, in ${ways.length} ways`, { timeout: 1_800_000 }, async () => {
    await eventually('the kernel is compared', isAtEase, driftPatience);
    await runDriftCampaign({ server, operator, ways, held });
    await eventually('nothing is missing', isAtEase, driftPatience);
  });

  it('is left alone when it is not ours', async () => {
    const foreign = ['src', '10.9.200.1/32', 'dst', '10.9.200.2/32', 'dir', 'out'];
    await ip('policy', 'add', ...foreign, 'action', 'block');
    const [before] = [await held()];
    await remove(/dport 2049[^\n]*\n\tdir out action allow/);
    await eventually(
      'ours is back',
      async () => JSON.stringify(await held()) === JSON.stringify(before),
      driftPatience,
    );
    await ip('policy', 'delete', ...foreign);
    await eventually('nothing is missing', isAtEase, driftPatience);
    expect(await held()).toEqual(whole);
  });

  it('is told as a failure of every policy while the reader looks into another namespace', async () => {
    await reader.end();
    const elsewhere = await Network.create(['ours']);
    reader = await startKernelReader({ namespace: elsewhere.hosts.ours.namespace, directory });
    await eventually(
      'every policy has failed',
      async () =>
        (await operator.statuses()).every(
          ({ state, reason }) => state === 'failed' && /after \d+ attempts .* namespace\?/.test(reason ?? ''),
        ),
      { ...driftPatience, deadlineMilliseconds: 30_000 },
    );
    expect(await held()).toEqual(whole);
    await reader.end();
    await elsewhere.close();
    reader = await startKernelReader({ namespace: network.hosts.ours.namespace, directory });
    await eventually(
      'every policy is applied again',
      async () => (await operator.statuses()).every(({ state }) => state === 'applied'),
      { ...driftPatience, deadlineMilliseconds: 60_000 },
    );
    expect(await held()).toEqual(whole);
  });

  it('is not seen without a kernel reader, and is as soon as there is one again', async () => {
    await reader.end();
    await eventually(
      'the kernel is not compared',
      async () => (await kernel())?.checked === false,
      driftPatience,
    );
    expect((await kernel())?.reason).toMatch(/no kernel reader/);
    expect((await server.call('GET', '/readyz')).status).toBe(200);
    await ip('policy', 'flush');
    reader = await startKernelReader({ namespace: network.hosts.ours.namespace, directory });
    await eventually('all is back', isWhole, driftPatience);
    await eventually('the kernel is compared', isAtEase, driftPatience);
  });
});
