import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readExposition, type Series } from '../testing/exposition-families.ts';
import { goodPolicy, startTestServer, type TestServer } from '../testing/test-server.ts';

/** A hundred requests, and logins that are hashed: the machine may have other things to do. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** What operators are promised (docs/operations.md names the rest). */
const promised: Readonly<Record<string, 'counter' | 'gauge' | 'histogram'>> = {
  esplanade_requests_total: 'counter',
  esplanade_request_duration_seconds: 'histogram',
  esplanade_login_failures_total: 'counter',
  esplanade_commits_total: 'counter',
  esplanade_commit_duration_seconds: 'histogram',
  esplanade_store_writable: 'gauge',
  esplanade_audit_entries_total: 'counter',
  esplanade_documents_to_seal_anew: 'gauge',
  esplanade_reconcile_duration_seconds: 'histogram',
  esplanade_reconcile_last_success_timestamp_seconds: 'gauge',
  esplanade_policies: 'gauge',
  esplanade_security_associations: 'gauge',
  esplanade_drift_total: 'counter',
  esplanade_vici_requests_total: 'counter',
  esplanade_vici_errors_total: 'counter',
  esplanade_certificate_not_after_timestamp_seconds: 'gauge',
  esplanade_tls_certificate_not_after_timestamp_seconds: 'gauge',
  esplanade_event_loop_delay_seconds: 'histogram',
  esplanade_ready: 'gauge',
  esplanade_datapath_up: 'gauge',
};

const policies = '/api/security/ipsec/policies';

async function read(server: TestServer) {
  const { status, text } = await server.request('GET', '/metrics');
  expect(status).toBe(200);
  return readExposition(text);
}

async function seriesOf(server: TestServer): Promise<readonly string[]> {
  return [...(await read(server)).values()].flatMap(({ series }) => series.map(keyOf)).sort();
}

function keyOf({ name, labels }: Series): string {
  return `${name} ${JSON.stringify([...labels])}`;
}

/** One of everything that may make a series. */
async function live(server: TestServer, round: number): Promise<void> {
  const of = (name: string) => `${name}-${round}`;
  const remote_endpoint = { address: `192.0.2.${10 + round}`, netmask: '32' };
  const { headers } = await server.request('POST', policies, {
    ...goodPolicy,
    name: of('nfs'),
    remote_endpoint,
  });
  const place = headers['location'] ?? '';
  // Each makes the simulator's SAs anew.
  for (const port of ['1', '2']) await server.request('PATCH', place, { 'remote_endpoint.port': port });
  await server.request('GET', place);
  await server.request('GET', policies);
  await server.request('DELETE', `${policies}/${of('nobody')}`);
  await server.request('POST', policies, '{');
  await server.request('PATCH', place, {}, { 'if-match': '"0"' });
  const account = {
    name: of('keeper'),
    owner: { name: 'svm1' },
    role: { name: 'vsadmin' },
    password: 'something good',
  };
  await server.request('POST', '/api/security/accounts', account);
  for (const path of [
    `/${of('nothing')}`,
    `/api/${of('nothing')}`,
    `/api/security/${of('a')}/b`,
    '/docs/api/none',
  ])
    await server.request('GET', `${path}?${of('q')}=1`);
  // Methods that Node does not know never become a request.
  for (const method of ['PROPFIND', 'MKCOL', 'TRACE', 'PUT']) await server.request(method, `/api/${of('x')}`);
  const authorization = `Basic ${Buffer.from(`${of('guest')}:wrong`).toString('base64')}`;
  await server.request('GET', policies, undefined, { authorization });
  await server.request('GET', '/readyz', undefined, { authorization });
}

describe('/metrics', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
    await server.request('PATCH', '/api/security/ipsec', { enabled: true });
    await live(server, 0);
  });
  afterAll(() => server.close());

  it('is in the format that Prometheus reads, with all that is promised', async () => {
    const families = await read(server);
    const found = Object.keys(promised).map((name) => [name, families.get(name)?.type]);
    expect(Object.fromEntries(found)).toEqual(promised);
    for (const { name, help } of families.values()) expect(help, name).toMatch(/^[A-Z].*\.$/);
  });

  it('is all in docs/operations.md, which names nothing else', async () => {
    const text = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8');
    const named = Array.from(text.matchAll(/\b(?:esplanade|process)_[a-z_]+/g), ([name]) => name);
    const told = new Set([
      ...(await read(server)).keys(),
      'esplanade_policy_bytes_total',
      'esplanade_policy_packets_total',
    ]);
    const family = (name: string): string =>
      told.has(name) ? name : name.replace(/_(?:bucket|count|sum)$/, '');
    expect(new Set(named.map(family))).toEqual(told);
  });

  it('counts requests by the template of their path', async () => {
    const counted = (await read(server)).get('esplanade_requests_total')?.series ?? [];
    const routes = new Set(counted.map(({ labels }) => labels.get('route')));
    expect(routes).toContain('/api/security/ipsec/policies/{uuid}');
    expect(routes).toContain('/api/*');
    expect(routes).toContain('other');
    for (const route of routes) expect(route).not.toMatch(/nothing|nobody|192\.0|-0/);
  });

  it('has no more series for more policies, SAs, accounts, failed logins, unknown paths and methods', async () => {
    const sas = async () => {
      const { series = [] } = (await read(server)).get('esplanade_security_associations') ?? {};
      return series.map(({ value }) => value);
    };
    await expect.poll(sas).toEqual([1, 1]);
    const before = await seriesOf(server);
    for (let round = 1; round <= 8; round += 1) await live(server, round);
    await expect.poll(sas).toEqual([9, 9]);
    const after = await seriesOf(server);
    expect(after.filter((key) => !before.includes(key))).toEqual([]);
    expect(after).toEqual(before);
  });

  it('counts refused logins by their reason', async () => {
    const { series = [] } = (await read(server)).get('esplanade_login_failures_total') ?? {};
    const counts = Object.fromEntries(series.map(({ labels, value }) => [labels.get('reason'), value]));
    expect(counts['password-wrong']).toBeGreaterThan(0);
    expect(counts['account-locked']).toBe(0);
  });
});

it('--metrics-per-policy on adds four series for each policy that protects, and only then', async () => {
  for (const [setting, expected] of [
    ['off', []],
    ['on', [`outbound nfs-0 svm1`, `inbound nfs-0 svm1`].sort()],
  ] as const) {
    const server = await startTestServer('--metrics-per-policy', setting);
    await server.request('PATCH', '/api/security/ipsec', { enabled: true });
    await live(server, 0);
    await server.request('POST', policies, {
      name: 'clear',
      action: 'bypass',
      local_endpoint: goodPolicy.local_endpoint,
      remote_endpoint: goodPolicy.remote_endpoint,
    });
    const told = async (unit: string) => {
      const series = (await read(server)).get(`esplanade_policy_${unit}_total`)?.series ?? [];
      const names = ['direction', 'policy', 'svm'];
      return series.map(({ labels }) => names.map((name) => labels.get(name)).join(' ')).sort();
    };
    for (const unit of ['bytes', 'packets']) await expect.poll(() => told(unit)).toEqual(expected);
    await server.close();
  }
});
