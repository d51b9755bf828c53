import { inspect } from 'node:util';
import {
  addressBits,
  type IpsecPolicy,
  type PolicyUuid,
  type Prefix,
  parseAddress,
  parsePrefix,
  priorityOf,
  Secret,
  type TrafficSelector,
} from '@esplanade/domain';
import { describe, expect, it } from 'vitest';
import { compileEntry } from './connection-mapping.ts';
import { markedForGuard, neighbourDiscoveryConnection } from './shunt-mapping.ts';

const settings = { replayWindow: 64 };
const reqid = 0x4000_0001;

function prefix(text: string): Prefix {
  const address = parseAddress(text);
  const parsed =
    address === undefined
      ? parsePrefix(text)
      : { family: address.family, address: address.value, length: addressBits(address.family) };
  if (parsed === undefined) throw new Error(`${text} is no prefix`);
  return parsed;
}

function selector(
  local: string,
  remote: string,
  protocol = 0,
  localPort = 0,
  remotePort = 0,
): TrafficSelector {
  return {
    family: prefix(local).family,
    local: prefix(local),
    remote: prefix(remote),
    protocol,
    localPort,
    remotePort,
  };
}

const hosts = selector('10.9.0.1', '10.9.0.2');

const base: IpsecPolicy = {
  uuid: '5b1e8f6a-0000-4000-8000-000000000001' as PolicyUuid,
  name: 'nfs',
  scope: { kind: 'cluster' },
  ipspace: { uuid: 'i', name: 'Default' },
  enabled: true,
  action: 'esp_transport',
  selector: hosts,
  authentication: { kind: 'psk', psk: new Secret(new Uint8Array([1, 2, 3]), 'k1') },
  cipherSuite: 'suiteb_gcm256',
  lifetimes: { ikeSeconds: 86400, ipsecSeconds: 28800, ipsecBytes: 0 },
  createdRevision: 1,
};

function compile(change: Partial<IpsecPolicy> = {}) {
  const policy = { ...base, ...change };
  return compileEntry({ policy, priority: priorityOf(policy.selector) }, settings, reqid);
}

const settingsOf = (change: Partial<IpsecPolicy>) => compile(change).connection.settings;

describe('a protecting policy', () => {
  it('is a transport-mode trap with our priority, window, lifetimes and algorithms', () => {
    const { child, connection, childName } = compile();
    expect(child).toMatchObject({
      mode: 'transport',
      start_action: 'trap',
      priority: String(priorityOf(hosts)),
      reqid: String(reqid),
      local_ts: ['10.9.0.1/32'],
      remote_ts: ['10.9.0.2/32'],
      esp_proposals: ['aes256gcm16'],
      replay_window: '64',
      life_time: '28800s',
      rekey_time: '25920s',
      rand_time: '2880s',
    });
    expect(child).not.toHaveProperty('life_bytes');
    expect(connection.children).toEqual({ [childName]: child });
  });

  it('names both ends, their identities and the IKE settings', () => {
    const { name } = compile().connection;
    expect(settingsOf({})).toEqual({
      version: '2',
      local_addrs: ['10.9.0.1'],
      remote_addrs: ['10.9.0.2'],
      proposals: ['aes256-sha384-ecp384'],
      rekey_time: '77760s',
      over_time: '8640s',
      rand_time: '8640s',
      reauth_time: '0s',
      dpd_delay: '30s',
      keyingtries: '1',
      unique: 'never',
      mobike: 'no',
      encap: 'no',
      local: { auth: 'psk', id: '10.9.0.1', eap_id: name },
      remote: { auth: 'psk', id: '10.9.0.2' },
    });
  });

  it.each([
    ['suite_aescbc', 'aes256-sha512-modp4096', 'aes256-sha512'],
    ['suiteb_gcm256', 'aes256-sha384-ecp384', 'aes256gcm16'],
    ['suiteb_gmac256', 'aes256-sha384-ecp384', 'aes256gmac'],
  ] as const)('translates %s', (cipherSuite, ike, esp) => {
    expect(compile({ cipherSuite })).toMatchObject({
      connection: { settings: { proposals: [ike] } },
      child: { esp_proposals: [esp] },
    });
  });

  it('rekeys before its byte limit', () => {
    const lifetimes = { ...base.lifetimes, ipsecBytes: 100_000_000 };
    expect(compile({ lifetimes }).child).toMatchObject({
      life_bytes: '100000000',
      rekey_bytes: '90000000',
      rand_bytes: '5000000',
    });
  });

  it('forces UDP encapsulation for esp_udp only', () => {
    expect(settingsOf({ action: 'esp_udp' })).toMatchObject({ encap: 'yes' });
    expect(settingsOf({})).toMatchObject({ encap: 'no' });
  });

  it('reveals its key to nobody who prints it', () => {
    const { negotiation } = compile();
    expect(inspect(compile(), { depth: null })).toContain('[redacted]');
    expect(JSON.stringify(negotiation?.ring)).toContain('[redacted]');
    expect(negotiation?.ring?.keys[0]?.reveal()).toEqual(new Uint8Array([1, 2, 3]));
  });

  it('differs from another policy in a setting charon compares, even when everything the user wrote is equal', () => {
    const other = compile({ uuid: '5b1e8f6a-0000-4000-8000-000000000002' as PolicyUuid });
    expect(other.connection.name).toBe(compile().connection.name);
    expect(other.child).not.toEqual(compile().child);
  });
});

describe('traffic selectors', () => {
  it.each<[string, TrafficSelector, string[], string[]]>([
    ['any', hosts, ['10.9.0.1/32'], ['10.9.0.2/32']],
    ['a protocol', selector('10.9.0.1', '10.9.0.2', 6), ['10.9.0.1/32[6]'], ['10.9.0.2/32[6]']],
    [
      'a remote port',
      selector('10.9.0.1', '10.9.0.2', 6, 0, 2049),
      ['10.9.0.1/32[6]'],
      ['10.9.0.2/32[6/2049]'],
    ],
    [
      'both ports',
      selector('10.9.0.1', '10.9.0.2', 17, 53, 54),
      ['10.9.0.1/32[17/53]'],
      ['10.9.0.2/32[17/54]'],
    ],
    [
      'a port of any protocol',
      selector('10.9.0.1', '10.9.0.2', 0, 201, 0),
      ['10.9.0.1/32[6/201]', '10.9.0.1/32[17/201]'],
      ['10.9.0.2/32[6]', '10.9.0.2/32[17]'],
    ],
    ['networks with host bits', selector('10.9.0.1/24', '10.8.7.6/8'), ['10.9.0.0/24'], ['10.0.0.0/8']],
    ['IPv6', selector('fd00::1', 'fd00::/64', 6), ['fd00::1/128[6]'], ['fd00::/64[6]']],
  ])('of %s are what the kernel shall have', (_name, given, local_ts, remote_ts) => {
    for (const action of ['esp_transport', 'bypass', 'discard'] as const) {
      expect(compile({ action, selector: given }).child).toMatchObject({ local_ts, remote_ts });
    }
  });
});

describe('endpoints and identities', () => {
  it.each<[string, TrafficSelector, string[], string[]]>([
    ['a remote network', selector('10.9.0.1', '10.9.0.0/24'), ['10.9.0.1'], ['10.9.0.0/24']],
    ['a local network', selector('10.9.0.1/24', '10.9.1.2'), ['10.9.0.0/24'], ['10.9.1.2/32']],
    ['an IPv6 network', selector('fd00::1', 'fd00::/64'), ['fd00::1'], ['fd00::/64', '%any6']],
  ])('with %s come from the packet', (_name, given, local_addrs, remote_addrs) => {
    const compiled = compile({ selector: given });
    expect(compiled.connection.settings).toMatchObject({ local_addrs, remote_addrs });
    expect(compiled.negotiation?.canInitiate).toBe(false);
  });

  it('may be initiated between two hosts', () => {
    expect(compile().negotiation?.canInitiate).toBe(true);
  });

  it.each<[string, Partial<IpsecPolicy>, object, string[]]>([
    [
      'texts',
      { localIdentity: { kind: 'text', text: 'a.x' }, remoteIdentity: { kind: 'text', text: 'b.x' } },
      { local: { auth: 'psk', id: 'a.x' }, remote: { auth: 'psk', id: 'b.x' } },
      ['a.x', 'b.x'],
    ],
    [
      'ANYTHING',
      { remoteIdentity: { kind: 'any' } },
      { local: { auth: 'psk', id: '10.9.0.1' }, remote: { auth: 'psk', id: '%any' } },
      ['10.9.0.1'],
    ],
    [
      'a remote network without identity',
      { selector: selector('10.9.0.1', '10.9.0.0/24') },
      { local: { auth: 'psk', id: '10.9.0.1' }, remote: { auth: 'psk', id: '%any' } },
      ['10.9.0.1'],
    ],
    [
      'a local network without host bits',
      { selector: selector('10.9.0.0/24', '10.9.1.1') },
      { local: { auth: 'psk' }, remote: { auth: 'psk', id: '10.9.1.1' } },
      ['10.9.1.1'],
    ],
  ])('%s own the key', (_name, change, sides, owners) => {
    const compiled = compile(change);
    expect(compiled.connection.settings).toMatchObject(sides);
    expect(compiled.negotiation?.ring?.owners).toEqual(owners);
  });
});

describe('the shared connection', () => {
  it.each<[string, Partial<IpsecPolicy>]>([
    ['ports', { selector: selector('10.9.0.1', '10.9.0.2', 6, 0, 445) }],
    ['IPsec lifetimes', { lifetimes: { ...base.lifetimes, ipsecSeconds: 3600, ipsecBytes: 5_000_000 } }],
    ['suites with equal IKE algorithms', { cipherSuite: 'suiteb_gmac256' }],
    ['identities written out', { localIdentity: { kind: 'text', text: '10.9.0.1' } }],
    ['names', { name: 'other' }],
    ['keys', { authentication: { kind: 'psk', psk: new Secret(new Uint8Array([9]), 'k2') } }],
  ])('is one for policies that differ in %s', (_name, change) => {
    expect(compile(change).connection.name).toBe(compile().connection.name);
  });

  it.each<[string, Partial<IpsecPolicy>]>([
    ['remote', { selector: selector('10.9.0.1', '10.9.0.3') }],
    ['local', { selector: selector('10.9.0.9', '10.9.0.2') }],
    ['identity', { remoteIdentity: { kind: 'text', text: 'b.x' } }],
    ['IKE algorithms', { cipherSuite: 'suite_aescbc' }],
    ['IKE lifetime', { lifetimes: { ...base.lifetimes, ikeSeconds: 3600 } }],
    ['encapsulation', { action: 'esp_udp' }],
  ])('is another for another %s', (_name, change) => {
    expect(compile(change).connection.name).not.toBe(compile().connection.name);
  });
});

describe('shunts', () => {
  it.each([
    ['bypass', 'pass'],
    ['discard', 'drop'],
  ] as const)('%s has a connection of its own that needs no key', (action, mode) => {
    const compiled = compile({ action, authentication: { kind: 'none' } });
    expect(compiled.child).toEqual({
      mode,
      start_action: 'trap',
      priority: String(priorityOf(hosts)),
      local_ts: ['10.9.0.1/32'],
      remote_ts: ['10.9.0.2/32'],
    });
    expect(compiled.connection.name).toBe(`esplanade-${compiled.childName}`);
    expect(compiled.negotiation).toBeUndefined();
  });

  it('a block lies beneath all but a bypass', () => {
    expect(compile({ action: 'bypass' }).block).toBeUndefined();
    for (const action of ['esp_transport', 'esp_udp', 'discard'] as const) {
      expect(Object.values(compile({ action }).block?.children ?? {})).toEqual([
        {
          mode: 'drop',
          start_action: 'trap',
          priority: '3000000000',
          local_ts: ['10.9.0.1/32'],
          remote_ts: ['10.9.0.2/32'],
        },
      ]);
    }
  });

  it('a shunt carries a mark of its own in the guard', () => {
    const connection = neighbourDiscoveryConnection();
    const marked = markedForGuard(connection);
    expect(Object.keys(marked.children)).toEqual(Object.keys(connection.children));
    expect(marked.children['type-135']).toEqual({
      ...connection.children['type-135'],
      mark_in: '0/0x80000000',
      mark_out: '0/0x80000000',
    });
  });

  it('a block stays the same while the selector does', () => {
    expect(compile({ cipherSuite: 'suite_aescbc' }).block).toEqual(compile().block);
    expect(compile({ selector: selector('10.9.0.1', '10.9.0.3') }).block?.name).not.toBe(
      compile().block?.name,
    );
  });

  it('neighbour discovery passes type by type', () => {
    const main = neighbourDiscoveryConnection();
    expect(main.children['type-135']).toEqual({
      mode: 'pass',
      start_action: 'trap',
      priority: '1',
      local_ts: ['::/0[58/34560-34815]'],
      remote_ts: ['::/0[58/34560-34815]'],
    });
    expect(Object.keys(main.children)).toHaveLength(5);
  });
});
