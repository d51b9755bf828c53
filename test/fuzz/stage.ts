import { seededSas } from '../dialect/seeded-sas.ts';
import type { HttpsClient } from '../support/https-client.ts';
import { at, entriesOf, listOf, type Operation } from './operations.ts';

/** What exists at the server, so that requests hit something. */
export interface Knowledge {
  /** Some values of each field, by dotted name, as texts. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** Paths of single records, by the path of their collection. */
  readonly instances: ReadonlyMap<string, readonly string[]>;
}

/** What `--simulator-seed` takes. */
export const sadOfFuzzedServer = JSON.stringify({ security_associations: seededSas(200) });

const secretKey = 'a key of the fuzzed server';

/** Names of what is put up; what the fuzzer makes beside it has other names or goes with it. */
const furniture: readonly (readonly [string, readonly object[]])[] = [
  ['/api/network/ipspaces', [{ name: 'blue' }, { name: 'green' }]],
  [
    '/api/svm/svms',
    [
      { name: 'svm1', ipspace: { name: 'Default' } },
      { name: 'svm2', ipspace: { name: 'Default' } },
      { name: 'svm3', ipspace: { name: 'blue' } },
    ],
  ],
  [
    '/api/network/ip/interfaces',
    [
      { name: 'lif1', svm: { name: 'svm1' }, ip: { address: '192.0.2.1', netmask: '24' } },
      { name: 'lif2', svm: { name: 'svm2' }, ip: { address: '2001:db8::1', netmask: '64' } },
    ],
  ],
  ['/api/security/ipsec/policies', Array.from({ length: 40 }, (_, index) => policy(index))],
];

/** Removes what the fuzzer left, and puts everything up again; a server that grows without end tells nothing more. */
export async function furnish(client: HttpsClient): Promise<void> {
  for (const [path] of furniture.toReversed())
    await client.call('DELETE', `${path}?uuid=*&continue_on_failure=true`);
  await client.call('PATCH', '/api/security/ipsec', { enabled: true });
  for (const [path, bodies] of furniture) {
    // One by one: early releases know no `records`.
    const answers = await Promise.all(bodies.map((body) => client.call('POST', path, body)));
    const refusal = answers.find(({ status }) => status !== 201 && status !== 409);
    if (refusal !== undefined) throw new Error(`${path} cannot be furnished: ${refusal.text}`);
  }
}

/** Reads every collection that the server describes. */
export async function learn(client: HttpsClient, operations: readonly Operation[]): Promise<Knowledge> {
  const values = new Map<string, string[]>();
  const instances = new Map<string, string[]>();
  for (const { method, path } of operations) {
    if (method !== 'GET' || path.includes('{')) continue;
    const { body } = await client.call('GET', `${path}?fields=*&max_records=60`);
    for (const record of listOf(at(body, 'records'))) {
      collect(record, '', values);
      const href = at(at(at(record, '_links'), 'self'), 'href');
      if (typeof href === 'string') instances.set(path, [...(instances.get(path) ?? []), href]);
    }
  }
  return { values, instances };
}

function collect(value: unknown, prefix: string, values: Map<string, string[]>): void {
  for (const [name, inner] of entriesOf(value)) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) collect(inner, path, values);
    else values.set(path, [...(values.get(path) ?? []), String(inner)]);
  }
}

function policy(index: number): object {
  const isIpv6 = index % 3 === 0;
  const host = (network: number): string =>
    isIpv6 ? `2001:db8:${network}::${index}` : `10.${network}.0.${index}`;
  const netmask = isIpv6 ? '128' : '32';
  return {
    name: `policy${index}`,
    svm: { name: 'svm1' },
    action: ['esp_transport', 'bypass', 'discard'][index % 3],
    secret_key: secretKey,
    local_endpoint: { address: host(1), netmask, port: index % 2 === 0 ? '2049' : '0' },
    remote_endpoint: { address: host(2), netmask },
    protocol: 'tcp',
  };
}
