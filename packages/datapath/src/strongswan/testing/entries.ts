import {
  addressBits,
  type IpsecPolicy,
  isPolicyUuid,
  type PolicyUuid,
  type Prefix,
  parseAddress,
  parsePrefix,
  priorityOf,
  Secret,
  type SpdEntry,
} from '@esplanade/domain';

/** The key of every entry that does not name another. */
export const testPsk = 'forty-two is no good key, but it is one';

/** What a test says about an entry; the rest is between 10.9.0.1 and 10.9.0.2, any traffic, ESP. */
export interface EntryChoices extends Partial<Omit<IpsecPolicy, 'selector' | 'uuid'>> {
  readonly local?: string;
  readonly remote?: string;
  readonly protocol?: number;
  readonly localPort?: number;
  readonly remotePort?: number;
  readonly psk?: string;
}

/** The entry of policy number `n`. */
export function entry(n: number, choices: EntryChoices = {}): SpdEntry {
  const { local, remote, protocol, localPort, remotePort, psk, ...over } = choices;
  const localPrefix = prefix(local ?? '10.9.0.1');
  const key = psk ?? testPsk;
  const policy: IpsecPolicy = {
    uuid: uuid(n),
    name: `policy-${n}`,
    scope: { kind: 'cluster' },
    ipspace: { uuid: 'ipspace-1', name: 'Default' },
    enabled: true,
    action: 'esp_transport',
    selector: {
      family: localPrefix.family,
      local: localPrefix,
      remote: prefix(remote ?? '10.9.0.2'),
      protocol: protocol ?? 0,
      localPort: localPort ?? 0,
      remotePort: remotePort ?? 0,
    },
    authentication: { kind: 'psk', psk: new Secret(Buffer.from(key), `fingerprint${key.length}`) },
    cipherSuite: 'suiteb_gcm256',
    lifetimes: { ikeSeconds: 86_400, ipsecSeconds: 28_800, ipsecBytes: 0 },
    createdRevision: n,
    ...over,
  };
  return { policy, priority: priorityOf(policy.selector) };
}

/** The uuid of policy number `n`. */
export function uuid(n: number): PolicyUuid {
  const text = `d0000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
  if (!isPolicyUuid(text)) throw new Error(`not a uuid: ${text}`);
  return text;
}

function prefix(text: string): Prefix {
  const address = parseAddress(text);
  if (address !== undefined) {
    return { family: address.family, address: address.value, length: addressBits(address.family) };
  }
  const parsed = parsePrefix(text);
  if (parsed === undefined) throw new Error(`not a prefix: ${text}`);
  return parsed;
}
