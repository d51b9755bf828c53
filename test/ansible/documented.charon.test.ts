import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type IpspaceDaemons, startIpspaceDaemons } from '../support/charon.ts';
import { Esplanade } from '../support/esplanade.ts';
import { Network } from '../support/network.ts';
import { Operator } from '../support/operator.ts';
import { kernelPolicies } from '../support/xfrm.ts';
import { AnsibleUser, changedBy, type PlaybookRun } from './playbook.ts';
import { requestLogFlags, writesOf } from './request-log.ts';

const documentation = join(import.meta.dirname, '../../docs/ansible.md');

describe('the playbook of docs/ansible.md, on strongSwan', () => {
  let directory: string;
  let network: Network<'ours'>;
  let daemons: IpspaceDaemons;
  let server: Esplanade;
  let first: PlaybookRun;
  let second: PlaybookRun;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-ansible-documented-'));
    network = await Network.create(['ours']);
    const { ours } = network.hosts;
    await network.addAddress(ours, '192.0.2.1/24');
    daemons = await startIpspaceDaemons({ namespace: ours.namespace, directory });
    const dataDirectory = join(directory, 'data');
    const vici = `Default=${daemons.charon.socket}`;
    server = await Esplanade.start({
      dataDirectory,
      flags: ['--datapath', 'strongswan', '--vici', vici, ...requestLogFlags],
    });
    const playbook = join(directory, 'protect.yml');
    await writeFile(playbook, await documentedPlaybook());
    const user = await AnsibleUser.create(server, directory);
    const options = {
      variables: { nfs_key: 'what both ends of nfs know' },
      environment: { REQUESTS_CA_BUNDLE: join(dataDirectory, 'tls.crt') },
    };
    ({ first, second } = await user.playTwice(playbook, options));
  }, 120_000);

  afterAll(async () => {
    await server?.stop();
    await daemons?.close();
    await network?.close();
    await rm(directory, { recursive: true });
  });

  beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(daemons.charon.log.join('\n'))));

  it('changes what it says, once', () => {
    expect(changedBy(first)).toEqual(['IPsec is on', 'NFS is encrypted', 'Ssh passes']);
    expect(changedBy(second)).toEqual([]);
    expect(writesOf(second.requests)).toEqual([]);
  });

  it('is carried out', async () => {
    const statuses = await new Operator(server).statuses();
    expect(statuses.map(({ name, state }) => ({ name, state }))).toEqual(
      expect.arrayContaining([
        { name: 'nfs', state: 'applied' },
        { name: 'ssh', state: 'applied' },
      ]),
    );
    const outbound = (await kernelPolicies(network.hosts.ours)).filter(
      ({ direction, mark }) => direction === 'out' && mark === undefined,
    );
    expect(outbound.map(({ selector }) => selector)).toEqual(
      expect.arrayContaining(['proto tcp dport 2049', 'proto tcp sport 22']),
    );
  });
});

/** The first block of YAML in the documentation. */
async function documentedPlaybook(): Promise<string> {
  const text = await readFile(documentation, 'utf8');
  const [, yaml] = /^```yaml\n(.*?)^```$/ms.exec(text) ?? [];
  if (yaml === undefined) throw new Error(`${documentation} has no playbook`);
  return yaml;
}
