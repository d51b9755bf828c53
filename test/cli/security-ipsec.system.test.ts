import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Esplanade, launcher, testPassword } from '../support/esplanade.ts';
import { eventually } from '../support/eventually.ts';
import { type Screen, Terminals } from '../support/terminal.ts';
import { expectTranscript, type Line } from './transcript.ts';

let directory: string;
let server: Esplanade;
let terminals: Terminals;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'esplanade-cli-'));
  const flags = ['--datapath', 'simulated', '--node-name', 'node1'];
  server = await Esplanade.start({ dataDirectory: join(directory, 'data'), flags });
  await symlink(launcher, join(directory, 'esplanade'));
  await writeFile(join(directory, 'nfs.key'), 'a key of at least eighteen characters\n', { mode: 0o600 });
  await chmod(join(directory, 'nfs.key'), 0o600);
  for (const name of ['coast', 'bay'])
    expect(
      await server.call('POST', '/api/security/certificates', {
        ...{ name, type: 'root_ca', common_name: name },
        svm: { name: 'svm1' },
      }),
    ).toMatchObject({ status: 201 });
  terminals = await Terminals.start({
    HOME: directory,
    PATH: `${directory}:${process.env['PATH']}`,
    ESPLANADE_URL: server.url,
    ESPLANADE_USER: 'admin',
    ESPLANADE_PASSWORD: testPassword,
    ESPLANADE_INSECURE: '1',
    XDG_CONFIG_HOME: '',
    NO_COLOR: '',
  });
});

afterAll(async () => {
  await terminals?.end();
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

describe.each([80, 140])('what a person sees at %d columns', (columns) => {
  /** What is refused, and what is shown in another format, is wrapped at the one width as at the other. */
  const once = (...lines: readonly Line[]): readonly Line[] => (columns === 80 ? lines : []);
  let screen: Screen;
  beforeAll(async () => {
    screen = await terminals.open({ columns, rows: 50, directory });
  });

  beforeEach(async () => {
    await server.call('DELETE', '/api/security/ipsec/policies?name=*');
    await server.call('DELETE', '/api/security/ipsec/ca-certificates?certificate.uuid=*');
    await server.call('PATCH', '/api/security/ipsec', { enabled: true, replay_window: 0 });
  });

  it('of security ipsec config', async () => {
    await server.call('PATCH', '/api/security/ipsec', { enabled: false });
    await expectTranscript(`security-ipsec-config-${columns}`, screen, [
      'esplanade security ipsec config show',
      'esplanade security ipsec config modify -is-enabled true -replay-window 64',
      'esplanade sec ips conf sh',
      'esplanade security ipsec config show --json',
      ...once(
        'esplanade security ipsec config modify -replay-window 65',
        'esplanade security ipsec config modify -is-offload-enabled true',
        'esplanade security ipsec config modify',
      ),
      'esplanade security ipsec config modify -replay-window 0',
    ]);
  });

  it('of security ipsec policy', async () => {
    const asked = 'a key that was typed twice';
    const subnets = '-local-ip-subnets 192.0.2.1/32 -remote-ip-subnets';
    await expectTranscript(`security-ipsec-policy-${columns}`, screen, [
      'esplanade security ipsec policy show',
      {
        line: `esplanade security ipsec policy create -vserver svm1 -name nfs ${subnets} 198.51.100.7/32 -local-ports 2049 -protocols tcp`,
        answers: [
          [/^Pre-shared key.*:$/m, asked],
          [/^Again:$/m, asked],
        ],
      },
      'esplanade security ipsec policy create -name smb-of-the-whole-department -local-ip-subnets 2001:db8:0:17::1/128 -remote-ip-subnets 2001:db8:0:18::/64 -shared-key-file nfs.key',
      `esplanade sec ips pol create svm1 mgmt ${subnets} 203.0.113.5/32 -action bypass`,
      'esplanade security ipsec policy show',
      'esplanade security ipsec policy show -vserver svm1 -name nfs',
      "esplanade security ipsec policy show -policy-name 'nfs*|mgmt' -action '!bypass'",
      'esplanade security ipsec policy show -fields protocols,local-ports,is-enabled -order-by name:desc',
      'esplanade security ipsec policy show -name nosuch',
      'esplanade security ipsec policy show -name nfs --yaml',
      'esplanade security ipsec policy modify -vserver svm1 -name nfs -ipsec-lifetime 3600 -cipher-suite SUITE_AESCBC',
      "esplanade security ipsec policy show -ipsec-lifetime '<28800' -fields ipsec-lifetime,cipher-suite",
      ...once(
        'esplanade security ipsec policy modify -name nfs -remote-ip-subnets 198.51.100.7/33',
        'esplanade security ipsec policy modify -name nosuch -is-enabled false',
        `esplanade security ipsec policy create -name nfs ${subnets} 198.51.100.8/32 -shared-key-file nfs.key`,
        'esplanade security ipsec policy create -name short',
      ),
      'esplanade security ipsec policy delete -vserver svm1 -name nfs',
      { line: "esplanade security ipsec policy delete -name '*'", answers: [[/\{y\|n\}:$/m, 'n']] },
      "esplanade security ipsec policy delete -name '*' -force",
      'esplanade security ipsec policy show',
    ]);
  });

  it('of security ipsec show-ikesa and show-ipsecsa', async () => {
    await expectTranscript(`security-ipsec-show-sas-without-${columns}`, screen, [
      'esplanade security ipsec show-ikesa',
      'esplanade security ipsec show-ipsecsa -policy-name nfs',
    ]);
    for (const [name, address] of [
      ['nfs', '198.51.100.7'],
      ['smb-of-the-whole-department', '198.51.100.8'],
    ])
      await server.call('POST', '/api/security/ipsec/policies', {
        name,
        secret_key: 'a key of at least eighteen characters',
        local_endpoint: { address: '192.0.2.1', netmask: '32' },
        remote_endpoint: { address, netmask: '32' },
      });
    await eventually('four SAs', async () => {
      const { body } = await server.call(
        'GET',
        '/api/security/ipsec/security-associations?return_records=false',
      );
      return JSON.stringify(body).includes('"num_records":4');
    });
    await expectTranscript(`security-ipsec-show-sas-${columns}`, screen, [
      'esplanade security ipsec show-ikesa -order-by policy-name',
      'esplanade security ipsec show-ikesa -node node1 -vserver svm1 -policy-name nfs',
      'esplanade security ipsec show-ikesa -policy-name nfs -instance',
      ...once("esplanade security ipsec show-ikesa -state '!established'"),
      'esplanade sec ips show-ipsecsa -order-by policy-name:desc',
      'esplanade security ipsec show-ipsecsa -policy-name nfs -instance',
      "esplanade security ipsec show-ipsecsa -policy-name 'smb*' -fields state,lifetime",
      ...once('esplanade security ipsec show-ipsecsa -state rekeying'),
    ]);
  });

  it('of security ipsec ca-certificate', async () => {
    await expectTranscript(`security-ipsec-ca-certificate-${columns}`, screen, [
      'esplanade security ipsec ca-certificate show',
      'esplanade security ipsec ca-certificate add -vserver svm1 -ca-certs coast,bay',
      'esplanade security ipsec ca-certificate show',
      'esplanade security ipsec ca-certificate show -ca-certs bay -instance',
      ...once(
        'esplanade security ipsec ca-certificate add svm1 coast',
        'esplanade security ipsec ca-certificate add -ca-certs cove',
      ),
      'esplanade security ipsec ca-certificate remove -vserver svm1 -ca-certs bay',
      'esplanade security ipsec ca-certificate remove -vserver svm1 -ca-certs bay',
      'esplanade security ipsec ca-certificate show --csv',
      'esplanade security ipsec ca-certificate remove -ca-certs coast',
    ]);
  });
});
