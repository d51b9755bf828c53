import { startTestServer } from '@esplanade/server/testing';
import { policyProvocations } from './policy-provocations.ts';
import { policySamples } from './policy-samples.ts';
import { type WorldStart, withLinks } from './world.ts';

const key = 'a key of at least eighteen characters';

/** Policies in wire form but for uuid and svm.uuid, which the server gives. */
const policies = [
  policy(
    'nfs',
    'svm1',
    'esp_transport',
    true,
    'tcp',
    ['192.0.2.1', '32', '0-0'],
    ['192.0.2.2', '32', '2049-2049'],
  ),
  policy(
    'smb',
    'svm2',
    'esp_transport',
    false,
    'tcp',
    ['192.0.2.1', '32', '0-0'],
    ['198.51.100.0', '24', '445-445'],
  ),
  policy(
    'six',
    'svm2',
    'esp_transport',
    true,
    'udp',
    ['2001:db8::1', '128', '111-111'],
    ['2001:db8:1::', '48', '0-0'],
  ),
  policy('ssh', 'svm2', 'bypass', true, 'tcp', ['192.0.2.9', '32', '22-22'], ['192.0.2.0', '24', '0-0']),
  policy('ping', 'svm2', 'bypass', true, '1', ['192.0.2.9', '32', '0-0'], ['192.0.2.0', '25', '0-0']),
  policy('shut', undefined, 'discard', true, 'any', ['203.0.113.0', '26', '0-0'], ['10.0.0.0', '8', '0-0']),
] as const;

/** A server with three SVMs and six policies, one of them of the cluster: one SVM is empty, one is full. */
export const startPolicyWorld: WorldStart = async (release, at) => {
  const server = await startTestServer('--ontap-version', release, '--policies-per-svm', '4');
  const uuidOf = async (path: string, name: string): Promise<string> => {
    const { body } = await server.request('GET', `/api${path}?name=${name}`);
    return body.records[0].uuid;
  };
  for (const name of ['svm2', 'svm3']) await server.request('POST', '/api/svm/svms', { name });
  for (const each of policies) {
    const { status, text } = await server.request('POST', '/api/security/ipsec/policies', bodyOf(each));
    if (status !== 201) throw new Error(`${each.name}: ${text}`);
  }
  const records = [];
  for (const each of policies) {
    const uuid = await uuidOf('/security/ipsec/policies', each.name);
    const svm = each.svm && { name: each.svm.name, uuid: await uuidOf('/svm/svms', each.svm.name) };
    records.push(withLinks({ ...each, uuid, ...(svm && { svm }) }, { svm: '/svm/svms' }));
  }
  let made = 0;
  return {
    server,
    path: '/security/ipsec/policies',
    key: 'uuid',
    records,
    sortField: 'name',
    newBody: () => {
      made += 1;
      return {
        ...newPolicy,
        name: `new-${made}`,
        remote_endpoint: { address: `10.9.${made}.1`, netmask: '32' },
      };
    },
    patchBody: { enabled: true },
    samples: policySamples(await uuidOf('/svm/svms', 'svm3')),
    exampleOver: { svm: { name: 'svm1' } },
    provocations: policyProvocations,
    at,
  };
};

/** A body of a policy that goes beside those of the world; its name and its remote side are the caller's. */
export const newPolicy = {
  svm: { name: 'svm1' },
  secret_key: key,
  local_endpoint: { address: '192.0.2.77', netmask: '32' },
} as const;

function policy(
  name: string,
  svm: string | undefined,
  action: string,
  enabled: boolean,
  protocol: string,
  local: readonly [string, string, string],
  remote: readonly [string, string, string],
) {
  return {
    name,
    scope: svm === undefined ? 'cluster' : 'svm',
    ...(svm !== undefined && { svm: { name: svm } }),
    action,
    enabled,
    protocol,
    local_endpoint: endpoint(local),
    remote_endpoint: endpoint(remote),
  };
}

function endpoint([address, netmask, port]: readonly [string, string, string]) {
  return { address, family: address.includes(':') ? 'ipv6' : 'ipv4', netmask, port };
}

function bodyOf(each: ReturnType<typeof policy>): object {
  return each.action === 'esp_transport' ? { ...each, secret_key: key } : each;
}
