import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Esplanade } from '../support/esplanade.ts';
import { Operator } from '../support/operator.ts';
import { AnsibleUser, type PlaybookRun, taskOf } from './playbook.ts';
import { requestLogFlags, writesOf } from './request-log.ts';

const policies = '/api/security/ipsec/policies';

describe("what NetApp's modules say when something is refused", () => {
  let directory: string;
  let server: Esplanade;
  let operator: Operator;
  let run: PlaybookRun;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-ansible-refusals-'));
    const dataDirectory = join(directory, 'data');
    server = await Esplanade.start({ dataDirectory, flags: ['--datapath', 'simulated', ...requestLogFlags] });
    operator = new Operator(server);
    await operator.expect(201, 'POST', '/api/svm/svms', { name: 'svm2' });
    const user = await AnsibleUser.create(server, directory);
    run = await user.play('refusals.yml', {
      variables: { ontap_certificate: join(dataDirectory, 'tls.crt') },
    });
  }, 200_000);

  afterAll(async () => {
    await server?.stop();
    await rm(directory, { recursive: true });
  });

  it.for([
    ['Another key for the same peer', '262186', 'secret_key', 'Policy "first"'],
    ['A local address that no host has', '262197', 'local_endpoint.address', 'multicast'],
    ['A short key', '66257200', 'secret_key', '18 to 128'],
    ['An SVM that is not there', '66257202', 'svm.name', 'no SVM with the name "svm9"'],
    ['Two SVMs and none named', '2621707', 'svm.name', 'No SVM was specified'],
  ] as const)('%s: %s, the field, and what is wrong with it', ([name, code, target, words]) => {
    const { failed, changed, message } = taskOf(run, name);
    expect({ failed, changed }).toEqual({ failed: true, changed: false });
    expect(message).toMatch(
      /^Error creating security ipsec policy \w+: calling: security\/ipsec\/policies: got /,
    );
    expect(message).toContain(`'code': '${code}', 'target': '${target}'`);
    expect(message).toContain(words);
  });

  it.for([
    ['Another action', /cannot modify option - action/],
    ['A wrong password', /'User is not authorized\.', 'code': '6691623'.*status_code: 401/],
    ['A certificate that nobody vouches for', /CERTIFICATE_VERIFY_FAILED/],
  ] as const)('%s: told before anything is written', ([name, words]) => {
    expect(taskOf(run, name)).toMatchObject({ failed: true, changed: false });
    expect(taskOf(run, name).message).toMatch(words);
  });

  it("The server's own certificate, given in REQUESTS_CA_BUNDLE: trusted", () => {
    expect(taskOf(run, "The server's own certificate")).toMatchObject({ failed: false, changed: true });
  });

  it('A replay window: the module itself cannot compare the integer that ONTAP documents', async () => {
    const { failed, message } = taskOf(run, 'A replay window');
    expect(failed).toBe(true);
    expect(message).toMatch(/module_utils\/netapp_module\.py", line \d+, in cmp/);
    expect(message).toContain("TypeError: '>' not supported between instances of 'int' and 'str'");
    expect(message).toContain('key: replay_window, value: 0');
    expect(taskOf(run, 'A replay window by a plain request')).toMatchObject({ failed: false, changed: true });
    expect(await operator.expect(200, 'GET', '/api/security/ipsec?fields=replay_window')).toMatchObject({
      replay_window: 64,
    });
  });

  it('leaves nothing behind but what was not refused', async () => {
    expect(writesOf(run.requests)).toEqual([
      `POST ${policies} 201`,
      ...Array<string>(5).fill(`POST ${policies} 400`),
      'PATCH /api/security/ipsec 200',
      'PATCH /api/security/ipsec 200',
    ]);
    expect(await operator.expect(200, 'GET', `${policies}?fields=name,action`)).toMatchObject({
      num_records: 1,
      records: [{ name: 'first', action: 'esp_transport' }],
    });
  });

  it('shows no key', () => {
    expect(JSON.stringify(run.tasks)).not.toMatch(
      /the key of the first policy|another key for the same peer|too short/,
    );
  });
});
