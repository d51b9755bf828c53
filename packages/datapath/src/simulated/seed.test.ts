import { expect, test } from 'vitest';
import type { ObservedSa } from '../datapath.ts';
import { parseSeed, SeedError } from './seed.ts';
import { seedFields } from './seed-fields.ts';

const ike = {
  uuid: '11111111-0000-4000-8000-000000000001',
  type: 'ike',
  scope: 'svm',
  svm: { name: 'svm1', uuid: 's-1', _links: { self: { href: '/api/svm/svms/s-1' } } },
  node: { name: 'node1', uuid: 'n-1' },
  policy_name: 'nfs',
  local_address: '10.0.0.1',
  remote_address: 'FD00::0002',
  lifetime: 86400,
  cipher_suite: 'suiteb_gcm256',
  ike: {
    version: 2,
    state: 'established',
    authentication: 'psk',
    is_initiator: true,
    initiator_security_parameter_index: 'c764f9ee020cec69',
    responder_security_parameter_index: '0xABCDEF',
  },
  _links: { self: { href: '/api' } },
};
const ipsec = {
  uuid: '11111111-0000-4000-8000-000000000002',
  type: 'ipsec',
  ipsec: {
    state: 'INSTALLED',
    action: 'bypass',
    inbound: { security_parameter_index: 'c4c5b3d6', bytes: 18446744073709551615n, packets: 0 },
    outbound: { offload_bytes: 7 },
  },
};

test('values are kept exactly as they were recorded, SPIs in their one spelling, and what is not recorded is unset', () => {
  const [first, second] = parseSeed(seedOf(ike, ipsec));
  expect(givenTo(first)).toEqual({
    uuid: ike.uuid,
    type: 'ike',
    scope: 'svm',
    'svm.name': 'svm1',
    'svm.uuid': 's-1',
    'node.name': 'node1',
    'node.uuid': 'n-1',
    policy_name: 'nfs',
    local_address: '10.0.0.1',
    remote_address: 'FD00::0002',
    lifetime: 86400,
    cipher_suite: 'suiteb_gcm256',
    'ike.version': 2,
    'ike.state': 'established',
    'ike.authentication': 'psk',
    'ike.is_initiator': true,
    'ike.initiator_security_parameter_index': 'c764f9ee020cec69',
    'ike.responder_security_parameter_index': 'abcdef',
  });
  expect(givenTo(second)).toEqual({
    uuid: ipsec.uuid,
    type: 'ipsec',
    'ipsec.state': 'INSTALLED',
    'ipsec.action': 'bypass',
    'ipsec.inbound.security_parameter_index': 'c4c5b3d6',
    'ipsec.inbound.bytes': 18446744073709551615n,
    'ipsec.inbound.packets': 0n,
    'ipsec.outbound.offload_bytes': 7n,
  });
});

test('records are typed security associations too', () => {
  expect(parseSeed(seedOf(ike, ipsec))).toMatchObject([
    { kind: 'ike', state: 'established', isInitiator: true, initiatorSpi: 'c764f9ee020cec69' },
    { kind: 'ipsec', uuid: ipsec.uuid, inbound: { spi: 'c4c5b3d6', bytes: 2n ** 64n - 1n, packets: 0n } },
  ]);
});

test('offload counters may have either spelling, and are shown in the first', () => {
  const [sa] = parseSeed(
    seedOf({ ...ipsec, ipsec: { inbound: { offloaded_bytes: 5, offload_packets: 1 } } }),
  );
  expect(sa?.given?.get('ipsec.inbound.offload_bytes')).toBe(5n);
  expect(sa?.given?.get('ipsec.inbound.offload_packets')).toBe(1n);
  expect(sa?.given?.get('ipsec.inbound.offloaded_bytes')).toBeUndefined();
});

test('a seed without records is a seed', () => {
  expect(parseSeed('{"security_associations":[]}')).toEqual([]);
});

test.each([
  ['{', 'not JSON'],
  ['[]', 'expected an object with the member "security_associations"'],
  ['{}', '"security_associations" must be an array'],
  ['{"security_associations":[],"policies":[]}', '"policies" is not a member of a seed'],
  [seedOf(7), 'security_associations[0] must be an object'],
  [seedOf({ type: 'ike' }), 'security_associations[0].uuid must be there'],
  [seedOf({ ...ike, uuid: '\x1b[2J' }), 'uuid must be a printable string that is not empty'],
  [seedOf({ uuid: 'a' }), 'security_associations[0].type must be there'],
  [seedOf(ike, ike), 'security_associations[1].uuid is also that of record 0'],
  [seedOf({ ...ike, type: 'esp' }), 'security_associations[0].type must be one of ike, ipsec'],
  [seedOf({ ...ike, lifetime: '7' }), 'security_associations[0].lifetime must be an integer, 0 or more'],
  [seedOf({ ...ike, svm: 'svm1' }), 'security_associations[0].svm must be an object'],
  [seedOf({ ...ike, local_address: '10.1' }), 'local_address must be an IPv4 or IPv6 address'],
  [seedOf({ ...ike, colour: 'red' }), 'security_associations[0].colour is not a field'],
  [seedOf({ ...ike, ike: { spi: 'a' } }), 'security_associations[0].ike.spi is not a field'],
  [seedOf({ ...ike, ike: { is_initiator: 'yes' } }), 'ike.is_initiator must be true or false'],
  [
    seedOf({ ...ike, ike: { initiator_security_parameter_index: '0x' } }),
    'ike.initiator_security_parameter_index must be hexadecimal digits',
  ],
  [seedOf({ ...ipsec, ipsec: { inbound: { bytes: -1 } } }), 'ipsec.inbound.bytes must be an integer from 0'],
  [seedOf({ ...ipsec, ipsec: { inbound: { bytes: 1.5 } } }), 'ipsec.inbound.bytes must be an integer from 0'],
])('%s is refused: %s', (text, problem) => {
  expect(() => parseSeed(text)).toThrow(SeedError);
  expect(() => parseSeed(text)).toThrow(problem);
});

test('all problems of a seed are told at once', () => {
  const text = seedOf({ uuid: 'a', type: 'x', lifetime: -1 }, { type: 'ike' });
  expect(() => parseSeed(text)).toThrow(
    expect.objectContaining({
      problems: [
        'security_associations[0].type must be one of ike, ipsec',
        'security_associations[0].lifetime must be an integer, 0 or more',
        'security_associations[0].type must be there',
        'security_associations[1].uuid must be there',
      ],
    }),
  );
});

/** JSON.stringify knows no bigint; JSON itself does not care. */
function seedOf(...records: readonly unknown[]): string {
  return JSON.stringify({ security_associations: records }, (_key, value: unknown) =>
    typeof value === 'bigint' ? `bigint:${value}` : value,
  ).replaceAll(/"bigint:(\d+)"/g, '$1');
}

/** The fields that the record brought. */
function givenTo(sa: ObservedSa | undefined): Readonly<Record<string, unknown>> {
  const fields = [...seedFields.keys()].map((name) => [name, sa?.given?.get(name)] as const);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}
