import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goodPolicy, startTestServer, type TestServer } from '@esplanade/server/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { commandTable } from '../command-table.ts';
import { exitStatus } from '../exit-status.ts';
import { type LineOptions, lineRunner, runLine, transportTo } from '../testing/run-line.ts';

const policies = '/api/security/ipsec/policies';

let server: TestServer;
let directory: string;
beforeAll(async () => {
  server = await startTestServer();
  directory = await mkdtemp(join(tmpdir(), 'esplanade-cli-'));
  await writeFile(join(directory, 'key'), 'a key that came from a file\n', { mode: 0o600 });
  await server.request('PATCH', '/api/security/ipsec', { enabled: true });
});
afterEach(async () => {
  await server.request('DELETE', `${policies}?name=*`);
});
afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

const run = (line: string, options?: LineOptions, at = server) =>
  lineRunner(commandTable, at)(line.split(' '), options);

const subnets = '-local-ip-subnets 192.0.2.1/32 -remote-ip-subnets 198.51.100.7/32';

describe('security ipsec policy create', () => {
  const create = `security ipsec policy create -name nfs ${subnets}`;
  const key = 'a key that was typed in twice';

  it('asks for the key of a policy that needs one, twice, and shows it nowhere', async () => {
    const { status, output, notes } = await run(create, { answers: [key, key] });
    expect(status).toBe(exitStatus.done);
    expect(output).toBe('The policy "nfs" was created.\n');
    expect(notes).toBe('Pre-shared key, 18 to 128 characters: Again: ');
    const other = await run(`security ipsec policy create -name smb ${subnets}`, {
      answers: [key, 'no', key, key],
    });
    expect(other).toMatchObject({ status: exitStatus.done, output: 'The policy "smb" was created.\n' });
    expect(other.notes).toMatch(/: Again: The two are not the same\. .+\nPre-shared key.+: Again: $/);
    await run('security ipsec policy delete svm1 smb');
  });

  it('takes a key in one way only', async () => {
    expect(await run(`${create} -shared-key -shared-key-file -`, { input: `${key}\n` })).toMatchObject({
      status: exitStatus.misused,
      notes: 'esplanade: -shared-key and -shared-key-file say the same: give one of them.\n',
    });
  });

  it.each(['-action BYPASS', '-action discard', '-auth-method NONE -action BYPASS'])(
    'asks for no key with %s',
    async (more) => {
      expect(await run(`${create} ${more}`, { answers: [] })).toMatchObject({
        status: exitStatus.done,
        notes: '',
      });
    },
  );

  it('shows programs the whole policy that was made', async () => {
    const { output } = await run(`${create} -action BYPASS --json`);
    expect(JSON.parse(output)).toMatchObject({
      vserver: 'svm1',
      name: 'nfs',
      action: 'bypass',
      is_enabled: true,
    });
    const [shown] = JSON.parse((await run('security ipsec policy show -name nfs --json')).output);
    expect(JSON.parse(output)).toEqual(shown);
    expect(
      (await run('security ipsec policy create -name b -action BYPASS --csv '.concat(subnets))).output,
    ).toMatch(/\nsvm1,b,192\.0\.2\.1\/32,198\./);
  });

  it('asks for no key where a certificate proves who we are', async () => {
    const { status, notes } = await run(`${create} -cert-name nosuch -remote-identity CN=x`, { answers: [] });
    expect(status).toBe(exitStatus.invalid);
    expect(notes).toMatch(/^esplanade: -(cert-name|auth-method): /);
  });

  it('takes keys from files, and everything else that ONTAP’s command takes', async () => {
    const given = [
      '-vserver svm1 -local-ports 2049 -protocols TCP -cipher-suite suite-aescbc -action esp_udp',
      '-ike-lifetime 7200 -ipsec-lifetime 3600 -ipsec-lifetime-bytes 1048576 -is-enabled false',
      '-local-identity us -remote-identity ANYTHING -auth-method PSK -ppk-identity quantum -allow-lock-out',
      `-shared-key-file ${directory}/key -ppk-shared-key-file ${directory}/key`,
    ].join(' ');
    expect(await run(`${create} ${given}`)).toMatchObject({ status: exitStatus.done, notes: '' });
    const { output } = await run('security ipsec policy show -name nfs --json');
    expect(JSON.parse(output)).toMatchObject([
      {
        vserver: 'svm1',
        name: 'nfs',
        local_ip_subnets: ['192.0.2.1/32'],
        remote_ip_subnets: ['198.51.100.7/32'],
        local_ports: ['2049-2049'],
        remote_ports: ['0-0'],
        protocols: ['tcp'],
        cipher_suite: 'suite_aescbc',
        action: 'esp_udp',
        ike_lifetime: 7200,
        ipsec_lifetime: 3600,
        ipsec_lifetime_bytes: 1_048_576,
        is_enabled: false,
        local_identity: 'us',
        remote_identity: 'ANYTHING',
        auth_method: 'psk',
        ppk_identity: 'quantum',
      },
    ]);
    expect(output).not.toContain('came from a file');
  });
});

it('reminds whoever creates a policy that IPsec is disabled', async () => {
  const create = `security ipsec policy create -name nfs ${subnets} -action bypass`;
  await server.request('PATCH', '/api/security/ipsec', { enabled: false });
  const { output } = await run(create);
  await server.request('PATCH', '/api/security/ipsec', { enabled: true });
  expect(output).toMatch(/^The policy "nfs" was created\.\nIPsec is disabled/);
});

describe('security ipsec policy modify', () => {
  it('brings a new key, with how long the old one stays good', async () => {
    await server.request('POST', policies, goodPolicy);
    const modify = `security ipsec policy modify -name nfs -shared-key-file ${directory}/key -overlap`;
    expect(await run(`${modify} 600`)).toMatchObject({ status: exitStatus.done });
    const { status, notes } = await run(`${modify} 9999999`);
    expect(status).toBe(exitStatus.invalid);
    expect(notes).toContain('-overlap: ');
  });

  it('names the parameter that is wrong', async () => {
    await server.request('POST', policies, goodPolicy);
    expect(await run('security ipsec policy modify -name nfs -remote-ip-subnets 192.0.2.7')).toMatchObject({
      status: exitStatus.invalid,
      notes: expect.stringMatching(/^esplanade: -remote-ip-subnets /),
    });
  });
});

describe('security ipsec policy show', () => {
  it.each([
    ['-policy-name n* -action !bypass', ['nfs']],
    ['-action BYPASS|DISCARD', ['mgmt']],
    ['-remote-ports 2049 -protocols tcp', ['nfs']],
    ['-local-ip-subnets 192.0.2.0/24', []],
    ['-ike-lifetime >86399', ['mgmt', 'nfs']],
  ])('finds by %s', async (query, names) => {
    await server.request('POST', policies, goodPolicy);
    await run(`security ipsec policy create -name mgmt ${subnets} -action bypass`);
    const { output } = await run(`security ipsec policy show ${query} -fields name --csv`);
    expect(output.trim().split(/\r?\n/).slice(1)).toEqual(names.map((name) => `svm1,${name}`));
  });

  it('shows a release what it knows, and asks it for no more', async () => {
    const old = await startTestServer('--ontap-version', '9.8');
    await old.request('POST', policies, goodPolicy);
    const { status, output } = await run('security ipsec policy show -instance', {}, old);
    expect(status).toBe(exitStatus.done);
    expect(output).toMatch(/Policy Name: nfs\n(.*\n)* +PPK Identity: -\n/);
    const asked = await run('security ipsec policy show -fields ppk-identity', {}, old);
    expect(asked).toMatchObject({
      status: exitStatus.invalid,
      notes: expect.stringContaining('ppk-identity'),
    });
    await old.close();
  });
});

describe('-allow-lock-out', () => {
  const said: readonly (readonly [string, readonly string[]])[] = [
    ['-force', []],
    ['-allow-lock-out false', []],
    ['-force -allow-lock-out', ['force=true']],
  ];

  it.each(
    ['policy modify -name nfs -is-enabled false', 'policy delete -name nfs', 'config modify -is-enabled true']
      .flatMap((change) => said.map(([more, sent]) => [change, more, sent] as const))
      .filter(([change, more]) => !change.startsWith('config') || !more.startsWith('-force')),
  )('alone lets the server do what would cut us off: %s %s', async (change, more, sent) => {
    await server.request('POST', policies, goodPolicy);
    const transport = transportTo(server);
    const forced: string[] = [];
    const words = `security ipsec ${change} ${more}`.split(' ');
    const { status } = await runLine(commandTable, words, {}, (request) => {
      forced.push(...(request.url.search.match(/force=\w+/g) ?? []));
      return transport(request);
    });
    expect({ status, forced }).toEqual({ status: exitStatus.done, forced: sent });
  });

  it('is what the refusal tells to add', async () => {
    const message = 'This would cut off the very connection. Add ?force=true if that is what you want.';
    const text = JSON.stringify({ error: { code: '990001', message } });
    const words = 'security ipsec config modify -is-enabled true'.split(' ');
    const answer = { status: 400, header: () => undefined, text };
    const { notes } = await runLine(commandTable, words, {}, async () => answer);
    expect(notes).toContain('Add -allow-lock-out if that is what you want.');
  });

  it('is no change by itself', async () => {
    expect(await run('security ipsec policy modify -name nfs -allow-lock-out')).toMatchObject({
      status: exitStatus.misused,
    });
  });
});

describe('security ipsec config', () => {
  it.each([
    ['-replay-window 128', { replay_window: 128 }],
    ['-is-enabled no', { enabled: false }],
    ['-is-offload-enabled true -replay-window 0', { offload_enabled: true }],
    ['-is-offload-enabled false -allow-lock-out false', { offload_enabled: false }],
    ['-is-enabled on', { enabled: true }],
  ])('is modified by %s', async (change, shown) => {
    expect(await run(`security ipsec config modify ${change}`)).toMatchObject({ status: exitStatus.done });
    const { output } = await run('security ipsec config show --json');
    expect(JSON.parse(output)).toMatchObject(shown);
  });
});

it('says that a release has no certificates for IPsec', async () => {
  const old = await startTestServer('--ontap-version', '9.8');
  expect(await run('security ipsec ca-certificate show', {}, old)).toMatchObject({
    status: exitStatus.notFound,
    notes: expect.stringContaining('This release of the server does not have it.'),
  });
  await old.close();
});

it('shows of the configuration what -fields chooses, in any format', async () => {
  const { output } = await run('security ipsec config show -fields is-enabled --json');
  expect(JSON.parse(output)).toEqual({ enabled: true });
});
