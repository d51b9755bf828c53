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

const rounds = process.env['ESPLANADE_CAMPAIGN'] === 'full' ? 50 : 5;
/** How long a difference may stand (the promise), in a place where many share two processors. */
const patience = { deadlineMilliseconds: 5_000 };
const secretKey = 'a key that nobody else has';
const wishes: readonly Pick<PolicyWish, 'name' | 'action' | 'secretKey'>[] = [
  { name: 'esp one', action: 'esp_transport', secretKey },
  { name: 'esp two', action: 'esp_transport', secretKey },
  { name: 'discard', action: 'discard' },
  { name: 'bypass', action: 'bypass' },
];

interface Drifts {
  readonly records: readonly { readonly name: string; readonly last_drift?: string }[];
}

/** Somebody else at charon's socket takes away what is ours, in every way there is. */
describe('what somebody takes away by hand', () => {
  let directory: string;
  let network: Network<'ours'>;
  let daemons: IpspaceDaemons;
  let server: Esplanade;
  let operator: Operator;
  let charon: ViciClient;
  let guard: ViciClient;
  const uuids = new Map<string, string>();

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-drift-'));
    network = await Network.create(['ours']);
    daemons = await startIpspaceDaemons({ namespace: network.hosts.ours.namespace, directory });
    server = await Esplanade.start({
      dataDirectory: join(directory, 'data'),
      flags: ['--datapath', 'strongswan', '--vici', `Default=${daemons.charon.socket}`],
    });
    operator = new Operator(server);
    await operator.setIpsec(true);
    charon = new ViciClient({ path: daemons.charon.socket });
    guard = new ViciClient({ path: daemons.guard?.socket ?? '' });
    const ends = { local: '10.9.0.1', remote: '10.9.0.2', protocol: 'tcp' };
    for (const [index, wish] of wishes.entries())
      uuids.set(wish.name, await operator.create({ ...wish, ...ends, remotePort: 1000 + index }));
    const theirs = { net: { mode: 'drop', start_action: 'trap', remote_ts: ['10.9.200.1/32'] } };
    await charon.request('load-conn', { theirs: { remote_addrs: ['127.0.0.1'], children: theirs } });
  });
  afterAll(async () => {
    charon?.close();
    guard?.close();
    await server?.stop();
    await daemons?.close();
    await network?.close();
    await rm(directory, { recursive: true });
  });
  beforeEach(({ onTestFailed }) =>
    onTestFailed(() => console.error([...server.log, '---- charon', ...daemons.charon.log].join('\n'))),
  );

  const uuidOf = (name: string): string => uuids.get(name) ?? '';
  const conns = async (client: ViciClient, pattern: RegExp): Promise<string> => {
    const found = (await client.request('get-conns')).texts('conns').find((name) => pattern.test(name));
    if (found === undefined) throw new Error(`no connection is like ${pattern}`);
    return found;
  };
  const unload = async (client: ViciClient, pattern: RegExp): Promise<void> => {
    await client.request('unload-conn', { name: await conns(client, pattern) });
  };
  const ways: readonly { readonly way: string; readonly hit: string; readonly act: () => Promise<void> }[] = [
    {
      way: 'a shared connection unloaded',
      hit: 'esp one',
      act: () => unload(charon, /^esplanade-[0-9a-f]{12}$/),
    },
    {
      way: 'a discard unloaded',
      hit: 'discard',
      act: () => unload(charon, new RegExp(`^esplanade-${uuidOf('discard')}`)),
    },
    {
      way: 'a bypass unloaded',
      hit: 'bypass',
      act: () => unload(charon, new RegExp(`^esplanade-${uuidOf('bypass')}`)),
    },
    {
      way: 'a trap uninstalled',
      hit: 'esp two',
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
      hit: 'esp one',
      act: async () => {
        const [id = ''] = (await charon.request('get-shared')).texts('keys');
        await charon.request('unload-shared', { id });
      },
    },
    {
      way: "the guard's block unloaded",
      hit: 'discard',
      act: () => unload(guard, new RegExp(`^esplanade-block-${uuidOf('discard')}`)),
    },
  ];
  /** What the kernel and charon hold, in a form to compare. */
  const held = async (): Promise<readonly string[]> => {
    const policies = await kernelPolicies(network.hosts.ours);
    const kernel = policies.map((one) =>
      [one.direction, one.selector, one.destination, one.priority].join(' '),
    );
    const keys = (await charon.request('get-shared')).texts('keys');
    return [...kernel, ...keys].sort();
  };
  const drifts = async (): Promise<ReadonlyMap<string, string | undefined>> => {
    const path = '/api/esplanade/v1/policies?fields=last_drift,name';
    const { records } = await operator.expect<Drifts>(200, 'GET', path);
    return new Map(records.map((row) => [row.name, row.last_drift]));
  };

  it(`is put back within 5 s and reported, ${rounds} rounds of ${ways.length} ways`, {
    timeout: 1_200_000,
  }, async () => {
    const whole = await held();
    const healedMs: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      for (const { way, hit, act } of ways) {
        const before = await drifts();
        const sinceMs = Date.now();
        await act();
        await eventually(
          `${way} is reported`,
          async () => (await drifts()).get(hit) !== before.get(hit),
          patience,
        );
        await eventually(
          `${way} is put right`,
          async () => JSON.stringify(await held()) === JSON.stringify(whole),
          patience,
        );
        healedMs.push(Date.now() - sinceMs);
        await operator.until(uuidOf(hit), ({ state }) => state === 'applied');
      }
    }
    healedMs.sort((a, b) => a - b);
    console.info(
      `${healedMs.length} differences: put right after ${healedMs[healedMs.length >> 1]} ms (median), ${healedMs.at(-1)} ms at most`,
    );
    expect((await charon.request('get-conns')).texts('conns')).toContain('theirs');
  });
});
