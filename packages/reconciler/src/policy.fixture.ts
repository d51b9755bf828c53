import type { SpdEntry, TrafficSelector } from '@esplanade/domain';
import {
  type IpsecPolicy,
  isPolicyUuid,
  type PolicyUuid,
  parsePrefix,
  priorityOf,
  Secret,
} from '@esplanade/domain';

/** The n-th policy uuid. */
export function uuid(n: number): PolicyUuid {
  const text = `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
  if (!isPolicyUuid(text)) throw new Error(`not a uuid: ${text}`);
  return text;
}

/** TCP from one host of ours to a port at the remote. */
export function selector(remotePort: number, remote = '10.9.0.2/32'): TrafficSelector {
  const [localPrefix, remotePrefix] = [parsePrefix('10.9.0.1/32'), parsePrefix(remote)];
  if (localPrefix === undefined || remotePrefix === undefined) throw new Error('not a prefix');
  return {
    family: localPrefix.family,
    local: localPrefix,
    remote: remotePrefix,
    protocol: 6,
    localPort: 0,
    remotePort,
  };
}

/** The n-th policy, n its age, with what the test cares about put over it. */
export function policy(n: number, over: Partial<IpsecPolicy> = {}): IpsecPolicy {
  return {
    uuid: uuid(n),
    name: `policy-${n}`,
    scope: { kind: 'cluster' },
    ipspace: { uuid: 'ipspace-1', name: 'Default' },
    enabled: true,
    action: 'esp_transport',
    selector: selector(n),
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
