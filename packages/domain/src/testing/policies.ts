import { parseAddress } from '../ip-address.ts';
import { type IpsecPolicy, isPolicyUuid, type PolicyUuid } from '../policy.ts';
import { type Prefix, parsePrefix } from '../prefix.ts';
import { priorityOf } from '../priority.ts';
import { Secret } from '../secret.ts';
import type { SpdEntry } from '../spd.ts';
import type { Packet, TrafficSelector } from '../traffic-selector.ts';

/** The prefix a test wrote down; throws when the test is wrong. */
export function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (parsed === undefined) throw new Error(`not a prefix: ${text}`);
  return parsed;
}

/** The packet a test wrote down. */
export function packet(
  localAddress: string,
  remoteAddress: string,
  rest: Omit<Packet, 'localAddress' | 'remoteAddress'>,
): Packet {
  const local = parseAddress(localAddress);
  const remote = parseAddress(remoteAddress);
  if (local === undefined || remote === undefined) throw new Error('not an address');
  return { localAddress: local, remoteAddress: remote, ...rest };
}

/** A selector between two prefixes, any protocol and ports unless said. */
export function selector(
  local: string,
  remote: string,
  rest: Partial<Pick<TrafficSelector, 'protocol' | 'localPort' | 'remotePort'>> = {},
): TrafficSelector {
  const parsed = prefix(local);
  return {
    family: parsed.family,
    local: parsed,
    remote: prefix(remote),
    protocol: 0,
    localPort: 0,
    remotePort: 0,
    ...rest,
  };
}

/** The n-th policy uuid; they sort as their numbers. */
export function uuid(n: number): PolicyUuid {
  const text = `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
  if (!isPolicyUuid(text)) throw new Error(`not a uuid: ${text}`);
  return text;
}

/** A policy between two hosts, with what the test cares about put over it. */
export function policy(n: number, over: Partial<IpsecPolicy> = {}): IpsecPolicy {
  return {
    uuid: uuid(n),
    name: `policy-${n}`,
    scope: { kind: 'cluster' },
    ipspace: { uuid: 'ipspace-1', name: 'Default' },
    enabled: true,
    action: 'esp_transport',
    selector: selector('10.0.0.1/32', '10.0.0.2/32'),
    authentication: { kind: 'psk', psk: new Secret(Uint8Array.of(1, 2, 3), 'fingerprint') },
    cipherSuite: 'suiteb_gcm256',
    lifetimes: { ikeSeconds: 86_400, ipsecSeconds: 28_800, ipsecBytes: 0 },
    createdRevision: n,
    ...over,
  };
}

/** The SPD entry of `policy(n, over)`. */
export function entry(n: number, over: Partial<IpsecPolicy> = {}): SpdEntry {
  const one = policy(n, over);
  return { policy: one, priority: priorityOf(one.selector) };
}
