import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededSas } from '../dialect/seeded-sas.ts';
import { seedOf } from '../robustness/rounds.ts';
import { SeededRandom } from '../robustness/seeded-random.ts';
import { Esplanade } from '../support/esplanade.ts';
import { HttpsClient } from '../support/https-client.ts';
import { Churn } from './churn.ts';
import { faultsOf, isOrdered, type WalkedRecord, walk } from './walk.ts';

const isFull = process.env['ESPLANADE_CAMPAIGN'] === 'full';
const saCount = isFull ? 100_000 : 5_000;
const policyCount = isFull ? 10_000 : 500;
const pageSize = isFull ? 1_000 : 100;
const policyPageSize = isFull ? 100 : 20;
const timeout = isFull ? 1_800_000 : 120_000;

const sas = '/api/security/ipsec/security-associations';
const policies = '/api/security/ipsec/policies';

// What fails fails for a reason that another try may hide: there is none.
describe('walking all pages while another client creates and deletes', { retry: 0 }, () => {
  const seed = seedOf();
  console.info(`walk: seed ${seed}`);
  const seeded = seededSas(saCount);
  let directory: string;
  let server: Esplanade;
  let client: HttpsClient;
  let lastingPolicies: ReadonlySet<string>;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-walk-'));
    const sad = join(directory, 'sas.json');
    await writeFile(sad, JSON.stringify({ security_associations: seeded }));
    const dataDirectory = join(directory, 'data');
    server = await Esplanade.start({
      dataDirectory,
      readyMilliseconds: timeout,
      flags: ['--datapath', 'simulated', '--simulator-seed', sad],
    });
    client = new HttpsClient(server.url, dataDirectory);
    lastingPolicies = await createPolicies(client, policyCount);
    await client.call('PATCH', '/api/security/ipsec', { enabled: true });
  }, timeout);

  afterAll(async () => {
    client.close();
    await server.stop();
    await rm(directory, { recursive: true });
  });

  /** Walks under churn, and holds the walk against what was there all the time. */
  async function checkedWalk(path: string, query: string, lasting: ReadonlySet<string>, size = pageSize) {
    const churning = new HttpsClient(server.url, join(directory, 'data'));
    const churn = new Churn(churning, new SeededRandom(seed));
    const walked = await walk(client, path, `${query}&max_records=${size}`);
    const { created, deleted } = await churn.stop();
    churning.close();
    console.info(
      `walk: ${query}: ${walked.records.length} records on ${walked.pages} pages, ${created} created and ${deleted} deleted meanwhile; seed ${seed}`,
    );
    expect(faultsOf(walked, lasting)).toEqual([]);
    // Usually there are four for ten pages: a walk through what rests would show nothing.
    expect(created + deleted).toBeGreaterThan(walked.pages / 10);
    return walked.records;
  }

  const idsOf = (records: readonly { readonly uuid: string }[]): ReadonlySet<string> =>
    new Set(records.map(({ uuid }) => uuid));
  const text = (value: unknown): string => String(value ?? '');

  it.each<[string, (record: WalkedRecord) => string]>([
    ['fields=uuid', ({ uuid }) => uuid],
    ['fields=policy_name&order_by=policy_name', (record) => `${text(record['policy_name'])}\n${record.uuid}`],
  ])('sees each SA once, in order, with %s', { timeout }, async (query, keysOf) => {
    const records = await checkedWalk(sas, query, idsOf(seeded));
    expect(isOrdered(records, keysOf)).toBe(true);
  });

  it.each([
    'order_by=remote_address desc,lifetime',
    'order_by=cipher_suite desc,local_address asc,policy_name desc',
    'order_by=ipsec.state desc',
  ])('sees each SA once with %s', { timeout }, async (query) => {
    await checkedWalk(sas, encodeURI(query), idsOf(seeded));
  });

  it('sees what passes the filters once, and nothing else', { timeout }, async () => {
    const passing = seeded.filter((sa) => sa.type === 'ipsec' && sa.cipher_suite !== 'suite_aescbc');
    const query = 'type=ipsec&cipher_suite=!suite_aescbc&policy_name=!*churn*&order_by=remote_address';
    const records = await checkedWalk(sas, query, idsOf(passing));
    expect(records.length).toBe(passing.length);
  });

  it.each([
    'fields=name',
    'order_by=name desc',
    'order_by=remote_endpoint.address,name',
    'name=*lasting*&order_by=name',
  ])('sees each policy once with %s', { timeout }, async (query) => {
    await checkedWalk(policies, encodeURI(query), lastingPolicies, policyPageSize);
  });

  it('walks the same pages without their records, and tells HEAD what it tells GET', {
    timeout,
  }, async () => {
    const path = `${sas}?order_by=policy_name&max_records=${pageSize}&return_records=false`;
    const get = await client.call('GET', path);
    const head = await client.call('HEAD', path);
    expect(get.body).toMatchObject({ num_records: pageSize });
    expect(get.body).not.toHaveProperty('records');
    expect(head).toMatchObject({ status: 200, text: '' });
    expect(head.headers['link']).toBe(get.headers['link']);
  });
});

/** Policies that protect nothing, so that no SA comes of them. */
async function createPolicies(client: HttpsClient, count: number): Promise<ReadonlySet<string>> {
  const uuids = new Set<string>();
  for (let first = 0; first < count; first += 500) {
    const records = Array.from({ length: Math.min(500, count - first) }, (_, index) =>
      policyBody(first + index),
    );
    const { status, text, body } = await client.call('POST', `${policies}?return_records=true&fields=uuid`, {
      records,
    });
    if (status !== 201) throw new Error(`policies could not be created: ${status} ${text.slice(0, 500)}`);
    for (const { uuid } of (body as { records: WalkedRecord[] }).records) uuids.add(uuid);
  }
  return uuids;
}

function policyBody(index: number): object {
  return {
    name: `lasting-${index}`,
    action: 'bypass',
    local_endpoint: { address: '10.8.0.1', netmask: '32' },
    remote_endpoint: {
      address: `10.${(index * 7) % 200}.${index >> 8}.${index & 255}`,
      netmask: '32',
      port: '2049',
    },
    protocol: 'tcp',
  };
}
