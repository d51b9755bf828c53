import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type IpspaceDaemons, startIpspaceDaemons } from '../support/charon.ts';
import { runCommand } from '../support/command.ts';
import { Esplanade, launcher } from '../support/esplanade.ts';
import { eventually } from '../support/eventually.ts';
import { Network } from '../support/network.ts';
import { swanctl } from '../support/stock-peer.ts';
import { ViciTally } from '../support/vici-tally.ts';

let directory: string;
let network: Network<'ours'>;
let daemons: IpspaceDaemons;
let tally: ViciTally;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'esplanade-rotation-'));
  network = await Network.create(['ours']);
  daemons = await startIpspaceDaemons({ namespace: network.hosts.ours.namespace, directory });
  tally = await ViciTally.open(join(directory, 'tally.sock'), daemons.charon.socket);
});

afterAll(async () => {
  await tally?.close();
  await daemons?.close();
  await network?.close();
  await rm(directory, { recursive: true });
});

const changing = [
  'load-conn',
  'unload-conn',
  'load-shared',
  'unload-shared',
  'install',
  'uninstall',
  'terminate',
];

/** How often charon was told to change anything. */
const changes = (): number => changing.map((name) => tally.counts.get(name) ?? 0).reduce((a, b) => a + b);

it('a rotation of the sealing keys changes nothing in charon, nor does a server that then starts with the new key alone', async () => {
  const dataDirectory = join(directory, 'data');
  const flags = ['--datapath', 'strongswan', '--vici', `Default=${join(directory, 'tally.sock')}`];
  const start = () => Esplanade.start({ dataDirectory, flags });
  const key = async (verb: string): Promise<string> =>
    (await runCommand(launcher, ['key', verb, '--data-dir', dataDirectory])).stdout;
  const held = async (): Promise<readonly string[]> =>
    (await swanctl(daemons.charon.socket, '--list-conns')).split('\n').toSorted();
  let server = await start();
  await server.call('PATCH', '/api/security/ipsec', { enabled: true });
  for (const remote of ['10.9.0.7', '10.9.0.8']) {
    const { status } = await server.call('POST', '/api/security/ipsec/policies', {
      name: `to ${remote}`,
      secret_key: `the key for the host ${remote}`,
      local_endpoint: { address: network.hosts.ours.ipv4, netmask: '32' },
      remote_endpoint: { address: remote, netmask: '32' },
    });
    expect(status).toBe(201);
  }
  const connections = await held();
  expect(connections.join('\n')).toContain('10.9.0.8');
  const before = changes();
  expect(before).toBeGreaterThan(0);
  await key('rotate');
  process.kill(server.pid, 'SIGHUP');
  await eventually('nothing is sealed with the former key', async () => {
    const [, former = ''] = (await key('status')).split('\n');
    return former.includes('nothing is sealed');
  });
  await key('retire');
  await server.stop();
  server = await start();
  await eventually('both policies are compared with what charon holds', async () => {
    const { body } = await server.call('GET', '/api/esplanade/v1/policies?state=applied');
    return (body as { readonly num_records: number }).num_records === 2;
  });
  expect(changes()).toBe(before);
  expect(await held()).toEqual(connections);
  await server.stop();
});
