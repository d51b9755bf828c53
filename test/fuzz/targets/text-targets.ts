import {
  areEqualNames,
  formatDistinguishedName,
  parseAddress,
  parseIdentity,
  parseNetmask,
  parsePrefix,
  parseSecretKey,
  readDistinguishedName,
  validatePacket,
  validatePolicy,
} from '@esplanade/domain';
import type { FuzzTarget } from '../guided/fuzz-target.ts';

const words = [
  ' ',
  '=',
  ',',
  '/',
  'CN=',
  '*',
  '@',
  '%any',
  'fqdn:',
  'keyid:',
  '0x',
  '0s',
  '::',
  '.',
  '-',
  ':',
  '255',
  'é',
  '\u0000',
  '\ud83d',
  '00',
];

/** Distinguished names: those of peers come from charon, as long as they like. */
const name: FuzzTarget = {
  name: 'name',
  seeds: [
    'C=CH, O=Lab, CN=host',
    '/C=CH/O=Lab/CN=host',
    'CN=a b  c ,O= d ',
    'nothing of the kind',
    Array.from({ length: 2_000 }, (_, index) => `OU=unit ${index}`).join(', '),
  ].map((text) => Buffer.from(text)),
  words: words.map((word) => Buffer.from(word)),
  mostBytes: 65_536,
  run: (input) => {
    const read = readDistinguishedName(Buffer.from(input).toString());
    if (read === undefined) return 'none';
    const again = readDistinguishedName(formatDistinguishedName(read));
    // A value may hold what parts names, which a name as it is written cannot say.
    const isPlain = read.every(({ value }) => /^[^ =,/]+$/.test(value));
    if (isPlain && (again === undefined || !areEqualNames(read, again)))
      throw new Error('read differently when written');
    return 'name';
  },
};

/** Every text of a policy and of a packet, the same one everywhere. */
const policyText: FuzzTarget = {
  name: 'policy-text',
  seeds: [
    '10.9.0.1',
    '2001:db8::1',
    '255.255.255.0',
    '24',
    '1-65535',
    'tcp',
    'a key of eighteen and more',
    '0x00112233445566778899',
    '0sAAECAwQFBgcICQoLDA0ODw==',
    'fqdn:storage',
    'user@example.org',
    'CN=a, O=b',
    '*.example',
    'a'.repeat(255),
  ].map((text) => Buffer.from(text)),
  words: words.map((word) => Buffer.from(word)),
  mostBytes: 65_536,
  run: (input) => {
    const text = Buffer.from(input).toString();
    parseAddress(text);
    parsePrefix(text);
    parseNetmask(text, 'ipv4');
    parseNetmask(text, 'ipv6');
    const endpoint = { address: text, netmask: text, port: text };
    validatePacket({
      localAddress: text,
      remoteAddress: text,
      protocol: text,
      localPort: text,
      remotePort: text,
    });
    const policy = validatePolicy(
      {
        name: text,
        localEndpoint: endpoint,
        remoteEndpoint: endpoint,
        protocol: text,
        secretKey: text,
        localIdentity: text,
        remoteIdentity: text,
      },
      {
        fingerprint: (bytes: Uint8Array) => String(bytes.length),
        certificates: { owner: 'the cluster', certificates: () => [] },
      },
    );
    const words = [policy.kind, parseSecretKey(text).kind, parseIdentity(text, 'remote_identity', true).kind];
    return words.join('/');
  },
};

export const textTargets: readonly FuzzTarget[] = [name, policyText];
