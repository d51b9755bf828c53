import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Esplanade } from '../support/esplanade.ts';
import { Operator } from '../support/operator.ts';
import { AnsibleUser, type PlaybookRun, taskOf } from './playbook.ts';
import { requestLogFlags } from './request-log.ts';

const policies = '/api/security/ipsec/policies';

describe("NetApp's modules for plain requests", () => {
  let directory: string;
  let server: Esplanade;
  let operator: Operator;
  let run: PlaybookRun;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-ansible-requests-'));
    server = await Esplanade.start({
      dataDirectory: join(directory, 'data'),
      flags: ['--datapath', 'simulated', ...requestLogFlags],
    });
    operator = new Operator(server);
    await operator.expect(201, 'POST', '/api/svm/svms', { name: 'svm2' });
    for (const [index, svm] of ['svm1', 'svm1', 'svm2', 'svm1', 'svm2'].entries())
      await operator.expect(201, 'POST', policies, {
        name: `policy${index + 1}`,
        svm: { name: svm },
        secret_key: 'the same key for everybody',
        local_endpoint: { address: '192.0.2.1', netmask: '32' },
        remote_endpoint: { address: `192.0.2.${index + 2}`, netmask: '32' },
      });
    const user = await AnsibleUser.create(server, directory);
    run = await user.play('plain-requests.yml');
  }, 200_000);

  afterAll(async () => {
    await server?.stop();
    await rm(directory, { recursive: true });
  });

  /** What na_ontap_rest_info gathered of one subset. */
  const gathered = (task: string, subset: string): unknown =>
    (taskOf(run, task).returned['ontap_info'] as Readonly<Record<string, unknown>>)[subset];

  it('follows the links of the pages to the last record', () => {
    const listing = gathered('All policies, two a page', 'security/ipsec/policies');
    expect(listing).toMatchObject({ num_records: 5 });
    expect(namesIn(listing).sort()).toEqual(['policy1', 'policy2', 'policy3', 'policy4', 'policy5']);
    const pages = run.requests.slice(1, 4);
    // The client pastes '/api/' before links that begin with it already, which is the same route.
    const page = { method: 'GET', route: policies, status: 200 };
    expect(pages).toMatchObject([page, page, page]);
  });

  it('gathers only the fields and records asked for, in that order, over pages too', () => {
    const task = "Named fields of one SVM's policies, the last name first";
    const listing = gathered(task, 'security/ipsec/policies');
    expect(namesIn(listing)).toEqual(['policy4', 'policy2', 'policy1']);
    for (const record of recordsIn(listing)) {
      expect(record).toMatchObject({ svm: { name: 'svm1' }, local_endpoint: { address: '192.0.2.1' } });
      expect(Object.keys(record['local_endpoint'] ?? {})).toEqual(['address']);
      expect(record).not.toHaveProperty('action');
    }
  });

  it('gathers several subsets with all their fields', () => {
    expect(taskOf(run, 'Everything about several things').returned['ontap_info']).toMatchObject({
      security_ipsec: { enabled: false, replay_window: 0, offload_enabled: false },
      security_ipsec_policies: { num_records: 5 },
      security_ipsec_security_associations: { num_records: 0, records: [] },
      security_ipsec_ca_certificates: { num_records: 0, records: [] },
      security_certificates: { num_records: 0, records: [] },
      svm_svms: { num_records: 2 },
      cluster_nodes: { num_records: 1, records: [{ version: { generation: 9, major: 18, minor: 1 } }] },
    });
  });

  it('takes an API that is not here for one of another release', () => {
    expect(gathered('Something that is not here', 'security/ssh')).toBe('API not found');
    expect(taskOf(run, 'Something that is not here').failed).toBe(false);
  });

  it('gets all fields of a record, without links unless it wants them', () => {
    const [record] = recordsIn(taskOf(run, 'Get all fields').returned['response']);
    expect(record).toMatchObject({
      name: 'policy1',
      enabled: true,
      protocol: 'any',
      authentication_method: 'psk',
      remote_endpoint: { address: '192.0.2.2', family: 'ipv4', netmask: '32', port: '0-0' },
    });
    expect(JSON.stringify(record)).not.toMatch(/_links|secret/);
    expect(taskOf(run, 'Get what was made, without links').returned['response']).not.toHaveProperty('_links');
    expect(taskOf(run, 'Get what was made, with links').returned['response']).toMatchObject({
      _links: { self: { href: expect.stringMatching(/^\/api\/security\/ipsec\/policies\/[0-9a-f-]{36}$/) } },
      svm: { _links: { self: { href: expect.stringMatching(/^\/api\/svm\/svms\//) } } },
    });
  });

  it('creates with the record returned, modifies, and deletes by query', () => {
    const { returned } = taskOf(run, 'Create, and have the record returned');
    expect(returned).toMatchObject({ status_code: 201, response: { num_records: 1 } });
    expect(recordsIn(returned['response'])).toMatchObject([
      { name: 'made', enabled: true, svm: { name: 'svm2' } },
    ]);
    expect(taskOf(run, 'Modify and wait').failed).toBe(false);
    expect(taskOf(run, 'Get what was made, with links').returned).toMatchObject({
      response: { enabled: false },
    });
    expect(taskOf(run, 'Delete by query and wait').returned).toMatchObject({ response: { num_records: 1 } });
  });

  it('sees one SVM through the tunnel', () => {
    const { response } = taskOf(run, 'Get what one SVM sees').returned;
    expect(namesIn(response).sort()).toEqual(['made', 'policy3', 'policy5']);
  });

  it('reports what is not there with status, code and text', () => {
    expect(taskOf(run, 'Get what is gone')).toMatchObject({
      failed: true,
      returned: { status_code: 404, error_code: '4', error_message: "entry doesn't exist" },
    });
    expect(taskOf(run, 'Get from a path that nobody knows')).toMatchObject({
      failed: true,
      returned: { status_code: 404, error_code: '3', error_message: 'API not found' },
    });
  });

  it('gives a policy another key, and learns what became of it', () => {
    expect(taskOf(run, 'Give a policy another key')).toMatchObject({ changed: true, failed: false });
    const [status] = recordsIn(taskOf(run, 'Ask what became of a policy').returned['response']);
    expect(status).toMatchObject({ name: 'policy1' });
    expect(status?.['applied_revision']).toBe(status?.['desired_revision']);
    expect(JSON.stringify(run)).not.toContain('another key for policy1');
  });

  it('learns from OPTIONS what can be asked', () => {
    expect(taskOf(run, 'Ask what can be asked').returned).toMatchObject({
      response: { Allow: 'GET, HEAD, OPTIONS, PATCH' },
    });
  });

  it('shows and modifies as a command does', async () => {
    const { returned, changed } = taskOf(run, 'Show policies as a command does');
    expect(changed).toBe(false);
    expect(recordsIn(returned['msg'])).toEqual([
      { vserver: 'svm1', name: 'policy1', action: 'esp_tra', cipher_suite: 'suiteb_gcm256' },
    ]);
    expect(taskOf(run, 'Modify what REST has no field for')).toMatchObject({ changed: true, failed: false });
    const shown = '/api/private/cli/security/ipsec/policy?fields=cipher_suite&name=policy1';
    expect(await operator.expect(200, 'GET', shown)).toMatchObject({
      records: [{ cipher_suite: 'suite_aescbc' }],
    });
    expect(taskOf(run, 'Turn IPsec on by a command')).toMatchObject({ changed: true, failed: false });
    expect(await operator.expect(200, 'GET', '/api/security/ipsec')).toMatchObject({ enabled: true });
  });

  it('is told that a command does not show all fields', () => {
    const { failed, message } = taskOf(run, 'Show all fields as a command does not');
    expect(failed).toBe(true);
    expect(message).toMatch(/'code': '262197', 'target': 'fields'/);
  });
});

/** The records of a listing. */
function recordsIn(listing: unknown): readonly Readonly<Record<string, unknown>>[] {
  const { records } = listing as { readonly records: readonly Readonly<Record<string, unknown>>[] };
  return records;
}

function namesIn(listing: unknown): unknown[] {
  return recordsIn(listing).map(({ name }) => name);
}
