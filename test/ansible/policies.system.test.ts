import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Esplanade } from '../support/esplanade.ts';
import { Operator } from '../support/operator.ts';
import { AnsibleUser, changedBy, type PlaybookRun, type TwoRuns, taskOf } from './playbook.ts';
import { requestLogFlags, writesOf } from './request-log.ts';

/** The desired state as REST gives it back. */
interface Desired {
  readonly ipsec: unknown;
  readonly policies: { readonly records: readonly unknown[] };
}

/** What the operator then changes in policies.yml. */
const otherWishes = {
  nfs_protocol: 'udp',
  nfs_port: 2050,
  mirror_netmask: '48',
  mirror_remote_identity: 'mirror2.example.net',
  ssh_enabled: false,
  telnet_remote: '203.0.113.0',
};

const policies = '/api/security/ipsec/policies';

describe("NetApp's modules for IPsec and its policies", () => {
  let directory: string;
  let server: Esplanade;
  let creation: TwoRuns;
  let changeCheck: PlaybookRun;
  let change: TwoRuns;
  let removal: TwoRuns;
  let after: Record<'creation' | 'changeCheck' | 'change' | 'removal', Desired>;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-ansible-policies-'));
    server = await Esplanade.start({
      dataDirectory: join(directory, 'data'),
      flags: ['--datapath', 'simulated', ...requestLogFlags],
    });
    const user = await AnsibleUser.create(server, directory);
    const operator = new Operator(server);
    const read = async (): Promise<Desired> => ({
      ipsec: await operator.expect(200, 'GET', '/api/security/ipsec?fields=enabled'),
      policies: await operator.expect(200, 'GET', `${policies}?fields=*&order_by=name`),
    });
    creation = await user.playTwice('policies.yml');
    const afterCreation = await read();
    changeCheck = await user.play('policies.yml', { variables: otherWishes, isCheck: true });
    const afterChangeCheck = await read();
    change = await user.playTwice('policies.yml', { variables: otherWishes });
    const afterChange = await read();
    removal = await user.playTwice('no-policies.yml');
    after = {
      creation: afterCreation,
      changeCheck: afterChangeCheck,
      change: afterChange,
      removal: await read(),
    };
  }, 400_000);

  afterAll(async () => {
    await server?.stop();
    await rm(directory, { recursive: true });
  });

  it('create what is not there', () => {
    expect(changedBy(creation.first)).toEqual([
      'IPsec is on',
      'NFS is protected with a shared key',
      'The mirror is protected over IPv6',
      'SSH passes',
      'Create the policy of the cluster',
    ]);
    expect(writesOf(creation.first.requests)).toEqual([
      'PATCH /api/security/ipsec 200',
      ...Array<string>(4).fill(`POST ${policies} 201`),
    ]);
  });

  it('are given back what they asked for', () => {
    const { ipsec, policies } = after.creation;
    expect(ipsec).toMatchObject({ enabled: true });
    expect(policies.records).toHaveLength(4);
    expect(policies.records).toMatchObject([
      {
        name: 'mirror',
        scope: 'svm',
        action: 'esp_transport',
        authentication_method: 'psk',
        protocol: 'udp',
        local_endpoint: { address: '2001:db8::1', netmask: '128', port: '0-0', family: 'ipv6' },
        remote_endpoint: { address: '2001:db8:1::', netmask: '64', port: '10000-10000', family: 'ipv6' },
        remote_identity: 'mirror.example.net',
      },
      {
        name: 'nfs',
        svm: { name: 'svm1' },
        ipspace: { name: 'Default' },
        action: 'esp_transport',
        authentication_method: 'psk',
        enabled: true,
        protocol: 'tcp',
        local_endpoint: { address: '192.0.2.1', netmask: '32', port: '0-0', family: 'ipv4' },
        remote_endpoint: { address: '192.0.2.2', netmask: '32', port: '2049-2049', family: 'ipv4' },
        local_identity: '192.0.2.1',
      },
      {
        name: 'ssh',
        action: 'bypass',
        authentication_method: 'none',
        enabled: true,
        protocol: 'tcp',
        local_endpoint: { address: '192.0.2.1', port: '22-22' },
        remote_endpoint: { address: '192.0.2.0', netmask: '24' },
      },
      {
        name: 'telnet',
        scope: 'cluster',
        action: 'discard',
        local_endpoint: { port: '23-23' },
        remote_endpoint: { address: '198.51.100.0', netmask: '24' },
      },
    ]);
    expect(policies.records[3]).not.toHaveProperty('svm');
  });

  it('say that the key of a bypass is of no use', () => {
    expect(taskOf(creation.first, 'SSH passes').warnings).toEqual([
      expect.stringContaining('secret_key options are ignored'),
    ]);
  });

  it('say in check mode what they would modify, and write nothing', () => {
    expect(changedBy(changeCheck)).toEqual([
      'NFS is protected with a shared key',
      'The mirror is protected over IPv6',
      'SSH passes',
      'Telnet is discarded for the cluster',
    ]);
    expect(writesOf(changeCheck.requests)).toEqual([]);
    expect(after.changeCheck).toEqual(after.creation);
  });

  it('modify what differs, and only that', () => {
    expect(changedBy(change.first)).toEqual(changedBy(changeCheck));
    expect(writesOf(change.first.requests)).toEqual(Array(4).fill(`PATCH ${policies}/UUID 200`));
    expect(after.change.policies.records).toMatchObject([
      {
        name: 'mirror',
        protocol: 'udp',
        remote_endpoint: { address: '2001:db8:1::', netmask: '48', port: '10000-10000' },
        remote_identity: 'mirror2.example.net',
      },
      { name: 'nfs', protocol: 'udp', remote_endpoint: { address: '192.0.2.2', port: '2050-2050' } },
      { name: 'ssh', enabled: false, local_endpoint: { port: '22-22' } },
      { name: 'telnet', scope: 'cluster', remote_endpoint: { address: '203.0.113.0', netmask: '24' } },
    ]);
  });

  it('delete', () => {
    expect(changedBy(removal.first)).toEqual([
      'The policies of the SVM are gone',
      'The policy of the cluster is gone',
      'IPsec is off',
    ]);
    expect(writesOf(removal.first.requests)).toEqual([
      ...Array<string>(4).fill(`DELETE ${policies}/UUID 200`),
      'PATCH /api/security/ipsec 200',
    ]);
    expect(after.removal).toMatchObject({ ipsec: { enabled: false }, policies: { records: [] } });
  });

  it('find nothing to do in a second run, and send only GETs', () => {
    for (const { second } of [creation, change, removal]) {
      expect(changedBy(second)).toEqual([]);
      expect(second.requests.length).toBeGreaterThanOrEqual(10);
      expect(second.requests.filter(({ method, status }) => method !== 'GET' || status !== 200)).toEqual([]);
    }
  });
});
