import { cipherSuites, parseAddress, policyActions } from '@esplanade/domain';

/** A value as the API carries it; counters are bigint because they have 64 bits. */
export type SeedFieldValue = string | number | boolean | bigint;

/** How to read one leaf of a record; `parse` gives `undefined` for anything but what is `expected`. */
export interface SeedField {
  readonly expected: string;
  readonly parse: (value: unknown) => SeedFieldValue | undefined;
}

/** States of an IKE SA in the API. */
export const ikeStates = ['none', 'connecting', 'established', 'dead_peer_probe'] as const;
/** How the peers of an IKE SA proved who they are, in the API's words. */
export const ikeAuthentications = ['none', 'psk', 'cert'] as const;

const text: SeedField = {
  expected: 'a printable string that is not empty',
  parse: (value) => (typeof value === 'string' && /^[^\p{C}]+$/u.test(value) ? value : undefined),
};
const flag: SeedField = {
  expected: 'true or false',
  parse: (value) => (typeof value === 'boolean' ? value : undefined),
};
const integer: SeedField = {
  expected: 'an integer, 0 or more',
  parse: (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined,
};
const counter: SeedField = {
  expected: 'an integer from 0 to 18446744073709551615',
  parse(value) {
    const count = typeof value === 'bigint' || Number.isSafeInteger(value) ? BigInt(String(value)) : -1n;
    return count >= 0n && count < 2n ** 64n ? count : undefined;
  },
};
const address: SeedField = {
  expected: 'an IPv4 or IPv6 address',
  parse: (value) => (typeof value === 'string' && parseAddress(value) !== undefined ? value : undefined),
};
const spi: SeedField = {
  expected: 'hexadecimal digits',
  parse: (value) => {
    const [, digits] = typeof value === 'string' ? (/^(?:0x)?([0-9a-f]+)$/i.exec(value) ?? []) : [];
    return digits?.toLowerCase();
  },
};
function wordOf(words: readonly string[]): SeedField {
  return {
    expected: `one of ${words.join(', ')}`,
    parse: (value) => (typeof value === 'string' && words.includes(value) ? value : undefined),
  };
}

const direction: readonly (readonly [string, SeedField])[] = [
  ['security_parameter_index', spi],
  ['bytes', counter],
  ['packets', counter],
  ['offload_bytes', counter],
  ['offload_packets', counter],
  ['offloaded_bytes', counter],
  ['offloaded_packets', counter],
];

/** The name under which a leaf is shown: queries know the offload counters under a second spelling, so a seed may too. */
export function shownName(name: string): string {
  return name.replace('.offloaded_', '.offload_');
}

/** Every member a record may have, by dotted name: ONTAP's `/security/ipsec/security-associations`, 9.8 to 9.18.1. */
export const seedFields: ReadonlyMap<string, SeedField | 'object'> = new Map<string, SeedField | 'object'>([
  ['uuid', text],
  ['type', wordOf(['ike', 'ipsec'])],
  ['scope', wordOf(['svm', 'cluster'])],
  ['svm', 'object'],
  ['svm.name', text],
  ['svm.uuid', text],
  ['node', 'object'],
  ['node.name', text],
  ['node.uuid', text],
  ['policy_name', text],
  ['local_address', address],
  ['remote_address', address],
  ['lifetime', integer],
  ['cipher_suite', wordOf(cipherSuites)],
  ['ike', 'object'],
  ['ike.version', integer],
  ['ike.state', wordOf(ikeStates)],
  ['ike.authentication', wordOf(ikeAuthentications)],
  ['ike.is_initiator', flag],
  ['ike.initiator_security_parameter_index', spi],
  ['ike.responder_security_parameter_index', spi],
  ['ipsec', 'object'],
  ['ipsec.state', text],
  ['ipsec.action', wordOf(policyActions)],
  ['ipsec.inbound', 'object'],
  ...direction.map(([name, field]) => [`ipsec.inbound.${name}`, field] as const),
  ['ipsec.outbound', 'object'],
  ...direction.map(([name, field]) => [`ipsec.outbound.${name}`, field] as const),
]);
