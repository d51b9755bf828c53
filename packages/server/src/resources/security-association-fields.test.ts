import type { GivenFields, ObservedSa } from '@esplanade/datapath';
import type { PolicyUuid, Spi } from '@esplanade/domain';
import type { FieldValue, TableResource } from '@esplanade/ontap';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.ts';
import { privateCliIpsecEspSas, privateCliIpsecIkeSas } from './private-cli-ipsec-sas.ts';
import type { SaOwner } from './sa-owners.ts';
import type { SaRow } from './sad-rows.ts';
import { securityAssociationFields } from './security-ipsec-security-associations.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

/** An SPI, which is a text that was looked at. */
const spi = (digits: string) => digits as Spi;
const policyUuid = '0e9d7c52-0000-4000-8000-000000000001' as PolicyUuid;

const policy: SaOwner = {
  name: 'nfs',
  scope: { kind: 'svm', svm: { uuid: 'uuid of the SVM', name: 'name of the SVM' } },
};

// No value occurs twice, so that a field that shows another one's shows.
const ike: ObservedSa = {
  kind: 'ike',
  uuid: 'uuid of the IKE SA',
  policyUuid,
  localAddress: '192.0.2.1',
  remoteAddress: '192.0.2.2',
  lifetimeSeconds: 86_400,
  cipherSuite: 'suiteb_gcm256',
  ikeVersion: 2,
  state: 'dead_peer_probe',
  authentication: 'cert',
  isInitiator: true,
  initiatorSpi: spi('1111111111111111'),
  responderSpi: spi('2222222222222222'),
  localIdentity: 'us',
  remoteIdentity: 'them',
};
const esp: ObservedSa = {
  kind: 'ipsec',
  uuid: 'uuid of the ESP SAs',
  policyUuid,
  localAddress: '2001:db8::1',
  remoteAddress: '2001:db8::2',
  lifetimeSeconds: 28_800,
  cipherSuite: 'suite_aescbc',
  state: 'rekeying',
  action: 'esp_udp',
  mode: 'transport',
  replayWindow: 64,
  inbound: { spi: spi('33333333'), bytes: 401n, packets: 402n },
  outbound: { spi: spi('44444444'), bytes: 501n, packets: 502n },
  ikeUuid: ike.uuid,
};

const ikeShows = {
  uuid: 'uuid of the IKE SA',
  type: 'ike',
  scope: 'svm',
  'svm.name': 'name of the SVM',
  'svm.uuid': 'uuid of the SVM',
  policy_name: 'nfs',
  local_address: '192.0.2.1',
  remote_address: '192.0.2.2',
  lifetime: 86_400,
  cipher_suite: 'suiteb_gcm256',
  'ike.version': 2,
  'ike.state': 'dead_peer_probe',
  'ike.authentication': 'cert',
  'ike.is_initiator': true,
  'ike.initiator_security_parameter_index': '1111111111111111',
  'ike.responder_security_parameter_index': '2222222222222222',
};
const espShows = {
  uuid: 'uuid of the ESP SAs',
  type: 'ipsec',
  scope: 'svm',
  'svm.name': 'name of the SVM',
  'svm.uuid': 'uuid of the SVM',
  policy_name: 'nfs',
  local_address: '2001:db8::1',
  remote_address: '2001:db8::2',
  lifetime: 28_800,
  cipher_suite: 'suite_aescbc',
  'ipsec.state': 'rekeying',
  'ipsec.action': 'esp_transport',
  'ipsec.inbound.security_parameter_index': '33333333',
  'ipsec.inbound.bytes': 401n,
  'ipsec.inbound.packets': 402n,
  'ipsec.inbound.offload_bytes': 0n,
  'ipsec.inbound.offload_packets': 0n,
  'ipsec.outbound.security_parameter_index': '44444444',
  'ipsec.outbound.bytes': 501n,
  'ipsec.outbound.packets': 502n,
  'ipsec.outbound.offload_bytes': 0n,
  'ipsec.outbound.offload_packets': 0n,
};

describe.each([
  { kind: 'an IKE SA', sa: ike, shows: ikeShows },
  { kind: 'a pair of ESP SAs', sa: esp, shows: espShows },
])('the record of $kind', ({ sa, shows }) => {
  const node = () => {
    const { name, uuid } = server.parts.desired.snapshot().node;
    return { 'node.name': name, 'node.uuid': uuid };
  };

  it('has each value in its own field, and nothing in the fields of the other kind', () => {
    expect(shown({ sa, policy })).toEqual({ ...shows, ...node() });
  });

  it('has no SVM where its policy is of the cluster', () => {
    const { 'svm.name': _name, 'svm.uuid': _uuid, ...others } = shows;
    const ofCluster = shown({ sa, policy: { name: 'nfs', scope: { kind: 'cluster' } } });
    expect(ofCluster).toEqual({ ...others, scope: 'cluster', ...node() });
  });

  it('has the name that its daemon knows where no policy of ours is known', () => {
    const { policyUuid: _, ...foreign } = sa;
    const record = shown({ sa: { ...foreign, foreignName: 'site-to-site' } });
    expect(record).toMatchObject({ policy_name: 'site-to-site', scope: 'cluster' });
    expect(record).not.toHaveProperty('svm.name');
  });

  it('that came ready-made has what it brought, field by field, and nothing of what could be derived', () => {
    const names = Object.keys(securityAssociationFields(server.parts));
    for (const name of names) {
      const given = new Map<string, string>([[name, `given as ${name}`]]);
      expect(shown({ sa: { ...sa, given }, policy })).toEqual({ [name]: `given as ${name}` });
    }
    const all: GivenFields = { get: (name) => `given as ${name}` };
    const each = names.map((name) => [name, `given as ${name}`]);
    expect(shown({ sa: { ...sa, given: all }, policy })).toEqual(Object.fromEntries(each));
  });
});

it.each([
  ['ike.state', ['none', 'connecting', 'established', 'dead_peer_probe']],
  ['ike.authentication', ['none', 'psk', 'cert']],
  ['cipher_suite', ['suiteb_gcm256', 'suiteb_gmac256', 'suite_aescbc']],
] as const)('%s takes every word that an SA can have, and no others', (name, words) => {
  const fields = securityAssociationFields(server.parts);
  expect([...(fields[name]?.enum ?? [])].sort()).toEqual([...words].sort());
});

describe('the columns of the CLI', () => {
  const common = { vserver: 'name of the SVM', policy_name: 'nfs' };

  it('are the fields of an IKE SA', () => {
    expect(columns(privateCliIpsecIkeSas(server.parts), { sa: ike, policy })).toEqual({
      ...common,
      node: server.parts.desired.snapshot().node.name,
      local_address: '192.0.2.1',
      remote_address: '192.0.2.2',
      initiator_spi: '1111111111111111',
      responder_spi: '2222222222222222',
      is_initiator: true,
      ike_version: 2,
      auth_method: 'cert',
      state: 'dead_peer_probe',
      cipher_suite: 'suiteb_gcm256',
      lifetime: 86_400,
    });
  });

  it('are the fields of a pair of ESP SAs', () => {
    expect(columns(privateCliIpsecEspSas(server.parts), { sa: esp, policy })).toEqual({
      ...common,
      node: server.parts.desired.snapshot().node.name,
      local_address: '2001:db8::1',
      remote_address: '2001:db8::2',
      inbound_spi: '33333333',
      outbound_spi: '44444444',
      action: 'esp_tra',
      state: 'rekeying',
      cipher_suite: 'suite_aescbc',
      lifetime: 28_800,
      inbound_bytes: 401n,
      inbound_packets: 402n,
      outbound_bytes: 501n,
      outbound_packets: 502n,
      inbound_offload_bytes: 0n,
      inbound_offload_packets: 0n,
      outbound_offload_bytes: 0n,
      outbound_offload_packets: 0n,
    });
  });

  it('of offload show what ready-made records brought, each its own', () => {
    const given: GivenFields = { get: (name) => name };
    const record = columns(privateCliIpsecEspSas(server.parts), { sa: { ...esp, given } });
    expect(record).toMatchObject({
      inbound_bytes: 'ipsec.inbound.bytes',
      inbound_packets: 'ipsec.inbound.packets',
      outbound_bytes: 'ipsec.outbound.bytes',
      outbound_packets: 'ipsec.outbound.packets',
      inbound_offload_bytes: 'ipsec.inbound.offload_bytes',
      inbound_offload_packets: 'ipsec.inbound.offload_packets',
      outbound_offload_bytes: 'ipsec.outbound.offload_bytes',
      outbound_offload_packets: 'ipsec.outbound.offload_packets',
    });
  });
});

/** The fields that the row has set, by dotted name. */
function shown(row: SaRow): Readonly<Record<string, FieldValue>> {
  return read(securityAssociationFields(server.parts), row);
}

function columns({ fields }: TableResource<SaRow>, row: SaRow): Readonly<Record<string, FieldValue>> {
  return read(fields, row);
}

function read(fields: TableResource<SaRow>['fields'], row: SaRow): Readonly<Record<string, FieldValue>> {
  const values = Object.entries(fields).map(([name, field]) => [name, field.get?.(row)] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}
