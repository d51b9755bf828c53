import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goodPolicy, startTestServer, type TestServer } from '../testing/test-server.ts';

const decisions = '/api/esplanade/v1/decisions';
const nfs = 'local_address=192.0.2.1&remote_address=192.0.2.2&protocol=tcp&local_port=40000&remote_port=2049';
const everything = 'fields=*';
const plain = { accept: 'application/json' };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.request('PATCH', '/api/security/ipsec', { enabled: true });
  await server.request('POST', '/api/svm/svms', { name: 'svm2' });
  const hosts = { ...goodPolicy, 'svm.name': 'svm1', protocol: 'any' };
  await create({ ...goodPolicy, 'svm.name': 'svm1' });
  await create({ ...goodPolicy, 'svm.name': 'svm1', name: 'nfs-again' });
  await create({ ...goodPolicy, 'svm.name': 'svm1', name: 'nfs-off', enabled: false });
  await create({ ...hosts, name: 'wide', remote_endpoint: { address: '192.0.2.0', netmask: '24' } });
  await create({
    ...hosts,
    'svm.name': 'svm2',
    name: 'no-telnet',
    action: 'discard',
    protocol: 'tcp',
    remote_endpoint: { address: '192.0.2.2', netmask: '32', port: '23' },
  });
});
afterAll(() => server.close());

async function create(body: object): Promise<void> {
  const answer = await server.request('POST', '/api/security/ipsec/policies', body);
  expect(answer).toMatchObject({ status: 201 });
}

/** The records for a packet, without what only this run knows. */
async function asked(query: string, headers: Readonly<Record<string, string>> = {}) {
  const { status, body } = await server.request('GET', `${decisions}?${query}`, undefined, {
    ...plain,
    ...headers,
  });
  expect({ status, error: body.error }).toEqual({ status: 200, error: undefined });
  return body.records;
}

/** Entry or policy, outcome and reason of each record, in order. */
async function story(query: string, headers?: Readonly<Record<string, string>>) {
  const records: {
    readonly entry: string;
    readonly policy?: { readonly name: string };
    readonly outcome: string;
    readonly reason: string;
  }[] = await asked(query, headers);
  return records.map(({ entry, policy, outcome, reason }) => [policy?.name ?? entry, outcome, reason]);
}

describe('a decision', () => {
  it('lists every entry in order, what came of asking it, and why', async () => {
    expect(await story(nfs)).toEqual([
      ['ike', 'no_match', "Its protocol is not the packet's."],
      ['ipv4_to_oneself', 'no_match', "Its remote address is not the packet's."],
      ['ipv6_neighbour_discovery', 'no_match', "Its local address is not the packet's."],
      ['nfs', 'decides', 'It is the first that matches: the packet goes in ESP, or not at all.'],
      ['nfs-again', 'shadowed', 'It is not loaded: policy "nfs" is older and has the same selector.'],
      ['nfs-off', 'disabled', 'It is not loaded: the policy is disabled.'],
      ['no-telnet', 'no_match', "Its remote port is not the packet's."],
      ['wide', 'outranked', 'It matches, but policy "nfs" comes first.'],
      ['none', 'outranked', 'It is for packets that nothing matches, and policy "nfs" does.'],
    ]);
  });

  it.each([
    [nfs, 'protect', { policy: { name: 'nfs' } }],
    [nfs.replace('2049', '23'), 'discard', { policy: { name: 'no-telnet' } }],
    [nfs.replace('2049', '80'), 'protect', { policy: { name: 'wide' } }],
    [nfs.replace('192.0.2.2', '203.0.113.9'), 'no_policy', { entry: 'none' }],
    [nfs.replace('tcp', 'udp').replace('40000', '500'), 'bypass', { entry: 'ike' }],
    [nfs.replace('192.0.2.2', '192.0.2.1'), 'bypass', { entry: 'ipv4_to_oneself' }],
    [
      'local_address=fd00::1&remote_address=fd00::2&protocol=58&icmp_type=135',
      'bypass',
      { entry: 'ipv6_neighbour_discovery' },
    ],
  ])('for %s is %s', async (packet, verdict, by) => {
    const records = await asked(`${packet}&outcome=decides`);
    expect(records).toMatchObject([{ outcome: 'decides', verdict, ...by }]);
  });

  it('gives the mismatched field, the policy in the way and the priority to whoever asks', async () => {
    const records = await asked(`${nfs}&policy.name=no-telnet|nfs-again&${everything}`);
    expect(records).toMatchObject([
      { policy: { name: 'nfs-again' }, shadowed_by: { name: 'nfs' }, priority: expect.any(Number) },
      { policy: { name: 'no-telnet' }, mismatch: 'remote_port' },
    ]);
  });

  it('tells of what is not loaded, too, whether the packet is one that it is for', async () => {
    const names = async (query: string) =>
      (await asked(`${query}&mismatch=null`)).map(
        ({ entry, policy }: { entry: string; policy?: { name: string } }) => policy?.name ?? entry,
      );
    expect(await names(nfs)).toEqual(['nfs', 'nfs-again', 'nfs-off', 'wide', 'none']);
    expect(await names(nfs.replace('2049', '80'))).toEqual(['wide', 'none']);
  });

  it('says of a protected packet whether an SA carries it, and what the other end needs', async () => {
    const decider = async () => (await asked(`${nfs}&outcome=decides&${everything}`))[0];
    // SAs are observed, some time after the write.
    await expect.poll(decider, { timeout: 10_000 }).toMatchObject({
      sa: { state: 'installed', consequence: 'An SA with 192.0.2.2 carries it.' },
      peer: {
        action: 'esp_transport',
        local_endpoint: { address: '192.0.2.2', netmask: '32', port: '2049-2049' },
        remote_endpoint: { address: '192.0.2.1', netmask: '32', port: '0-0' },
        protocol: 'tcp',
        local_identity: '192.0.2.2',
        remote_identity: '192.0.2.1',
        authentication_method: 'psk',
        cipher_suite: 'suiteb_gcm256',
      },
    });
    const toAnother = nfs.replace('192.0.2.2', '192.0.2.9');
    expect(await asked(`${toAnother}&outcome=decides&${everything}`)).toMatchObject([
      {
        policy: { name: 'wide' },
        sa: { state: 'none', consequence: expect.stringMatching(/dropped.*negotiated with 192\.0\.2\.9/) },
        peer: { local_endpoint: { address: '192.0.2.9', netmask: '32', port: '0-0' }, protocol: 'any' },
      },
    ]);
    const [other] = await asked(`${nfs}&outcome=outranked&${everything}`);
    expect(other).not.toHaveProperty('sa');
    expect(other).not.toHaveProperty('peer');
  });

  it('follows what is created, changed and deleted', async () => {
    const byWhom = async () => (await asked(`${nfs}&outcome=decides`))[0].policy.name;
    const body = { ...goodPolicy, 'svm.name': 'svm1', name: 'narrower', action: 'bypass' };
    const created = await server.request('POST', '/api/security/ipsec/policies', {
      ...body,
      local_endpoint: { ...goodPolicy.local_endpoint, port: '40000' },
    });
    const url = created.headers['location'] ?? '';
    expect(await byWhom()).toBe('narrower');
    await server.request('PATCH', url, { enabled: false });
    expect(await byWhom()).toBe('nfs');
    await server.request('PATCH', url, { enabled: true });
    expect(await byWhom()).toBe('narrower');
    await server.request('DELETE', url);
    expect(await byWhom()).toBe('nfs');
  });

  it('comes in pages like any collection', async () => {
    const first = await server.request('GET', `${decisions}?${nfs}&max_records=3`);
    const next = await server.request('GET', first.body._links.next.href);
    expect(next.body.records).toMatchObject([{ position: 4 }, { position: 5 }, { position: 6 }]);
  });

  it('says so when IPsec is disabled', async () => {
    await server.request('PATCH', '/api/security/ipsec', { enabled: false });
    const lines = await story(nfs);
    await server.request('PATCH', '/api/security/ipsec', { enabled: true });
    expect(lines[0]).toEqual([
      'nfs',
      'disabled',
      'It is not loaded: IPsec is disabled on the whole cluster.',
    ]);
    expect(lines.at(-1)?.slice(0, 2)).toEqual(['none', 'decides']);
  });

  it('is of the IPspace that is named', async () => {
    await server.request('POST', '/api/network/ipspaces', { name: 'blue' });
    expect(await asked(`${nfs}&outcome=decides&ipspace.name=blue`)).toMatchObject([{ entry: 'none' }]);
    expect(await asked(`${nfs}&outcome=decides&ipspace.name=Default`)).toMatchObject([
      { policy: { name: 'nfs' } },
    ]);
  });

  it('names no policy of another SVM, not even the one that decides', async () => {
    const tunnel = { 'x-dot-svm-name': 'svm2' };
    const lines = await story(nfs, tunnel);
    expect(lines.map(([name]) => name)).toEqual([
      'ike',
      'ipv4_to_oneself',
      'ipv6_neighbour_discovery',
      'policy',
      'no-telnet',
      'none',
    ]);
    expect(lines[5]?.[2]).toBe('It is for packets that nothing matches, and a policy of another SVM does.');
    const records = await asked(`${nfs}&outcome=decides&${everything}`, tunnel);
    expect(Object.keys(records[0]).sort()).toEqual(['entry', 'outcome', 'position', 'reason', 'verdict']);
  });
});

describe('a packet that cannot be asked about', () => {
  it.each([
    ['', 'local_address', /missing/],
    [nfs.replace('192.0.2.1', 'here'), 'local_address', /not an IP address/],
    [nfs.replace('tcp', 'any'), 'protocol', /protocol/],
    [nfs.replace('&remote_port=2049', ''), 'remote_port', /Send remote_port/],
    [`${nfs}&icmp_type=8`, 'icmp_type', /Leave icmp_type out/],
    [`${nfs}&ipspace.name=nowhere`, 'ipspace.name', /nowhere/],
    [`${nfs}&colour=red`, 'colour', /colour/],
  ])('"%s" is refused by the field %s with a sentence', async (query, target, message) => {
    const { status, body } = await server.request('GET', `${decisions}?${query}`);
    expect({ status, target: body.error.target }).toEqual({ status: 400, target });
    expect(body.error.message).toMatch(message);
  });

  it('is in another IPspace than the SVM that asks', async () => {
    const headers = { 'x-dot-svm-name': 'svm2' };
    const url = `${decisions}?${nfs}&ipspace.name=blue`;
    const { status, body } = await server.request('GET', url, undefined, headers);
    expect({ status, target: body.error.target }).toEqual({ status: 400, target: 'ipspace.name' });
  });
});
