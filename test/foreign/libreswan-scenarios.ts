import type { Exchange } from '../datapath/scenario-plan.ts';
import type { LibreswanConfiguration, LibreswanConnection } from '../support/libreswan.ts';
import type { PolicyWish } from '../support/operator.ts';
import { hostNames, subjectOf } from './credentials.ts';

type Suite = 'suiteb_gcm256' | 'suiteb_gmac256' | 'suite_aescbc';

/** ONTAP's suites in Libreswan's words, and what it then reports of its SAs. */
export const libreswanSuites: Readonly<
  Record<
    Suite,
    { readonly settings: LibreswanConnection; readonly ikeAlgorithm: string; readonly espAlgorithm: string }
  >
> = {
  suiteb_gcm256: {
    settings: { ike: 'aes256-sha2_384-dh20', esp: 'aes_gcm256' },
    ikeAlgorithm: 'AES_CBC_256-HMAC_SHA2_384-DH20',
    espAlgorithm: 'AES_GCM_16_256-NONE',
  },
  suiteb_gmac256: {
    settings: { ike: 'aes256-sha2_384-dh20', esp: 'null_auth_aes_gmac256' },
    ikeAlgorithm: 'AES_CBC_256-HMAC_SHA2_384-DH20',
    espAlgorithm: 'NULL_AUTH_AES_GMAC_256-NONE',
  },
  suite_aescbc: {
    settings: { ike: 'aes256-sha2_512-modp4096', esp: 'aes256-sha2_512' },
    ikeAlgorithm: 'AES_CBC_256-HMAC_SHA2_512-MODP4096',
    espAlgorithm: 'AES_CBC_256-HMAC_SHA2_512_256',
  },
};

/** A policy of ours and the connection that an administrator of Libreswan writes for it. */
export interface LibreswanScenario {
  readonly title: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly suite: Suite;
  /** Of each policy what there is beyond name, addresses and key. */
  readonly policies: readonly Partial<PolicyWish>[];
  /** Libreswan's, by name, beyond addresses, suite and key; the first is the one that it begins with. */
  readonly connections: Readonly<Record<string, LibreswanConnection>>;
  /** What is sent. */
  readonly inside: readonly Exchange[];
  /** Next to it, in clear. */
  readonly beside: readonly Exchange[];
  /** Where it comes up only if that side begins. */
  readonly onlyBegunBy?: 'peer';
  /** Whether it belongs to the share of `npm test`. */
  readonly isTelling: boolean;
}

const icmp: Exchange = { protocol: 'icmp', ourPort: 0, peerPort: 0 };

/** What is tried; `number` tells its ports from those of other runs. */
export function scenariosOf(number: number): readonly LibreswanScenario[] {
  const udp: Exchange = { protocol: 'udp', ourPort: 20_000 + 10 * number, peerPort: 30_000 + 10 * number };
  const tcp: Exchange = { ...udp, protocol: 'tcp' };
  const ofPort = {
    tcp: { leftprotoport: `tcp/${tcp.peerPort}`, rightprotoport: 'tcp' },
    udp: { leftprotoport: `udp/${udp.peerPort}`, rightprotoport: 'udp' },
  };
  const other = (one: Exchange): Exchange => ({ ...one, peerPort: one.peerPort + 1 });
  const everything = { inside: [udp, tcp, icmp], beside: [] } as const;
  return [
    {
      title: 'everything between two hosts',
      family: 'ipv4',
      suite: 'suiteb_gcm256',
      policies: [{}],
      connections: { all: {} },
      ...everything,
      isTelling: true,
    },
    {
      title: 'everything between two hosts, suiteb_gmac256',
      family: 'ipv4',
      suite: 'suiteb_gmac256',
      policies: [{}],
      connections: { all: {} },
      ...everything,
      isTelling: false,
    },
    {
      title: 'everything between two hosts, suite_aescbc',
      family: 'ipv4',
      suite: 'suite_aescbc',
      policies: [{}],
      connections: { all: {} },
      ...everything,
      isTelling: false,
    },
    {
      title: 'names as identities',
      family: 'ipv4',
      suite: 'suiteb_gcm256',
      policies: [{ localIdentity: 'ours.example.org', remoteIdentity: 'peer.example.org' }],
      connections: { all: { leftid: '@peer.example.org', rightid: '@ours.example.org' } },
      ...everything,
      isTelling: false,
    },
    {
      title: 'one port of TCP at the peer',
      family: 'ipv4',
      suite: 'suiteb_gcm256',
      policies: [{ protocol: 'tcp', remotePort: tcp.peerPort }],
      connections: { port: { leftprotoport: `tcp/${tcp.peerPort}`, rightprotoport: 'tcp' } },
      inside: [tcp],
      beside: [udp, other(tcp)],
      isTelling: false,
    },
    {
      title: 'one port of TCP and UDP by a policy for each',
      family: 'ipv4',
      suite: 'suiteb_gcm256',
      policies: [
        { protocol: 'tcp', remotePort: tcp.peerPort },
        { protocol: 'udp', remotePort: tcp.peerPort },
      ],
      connections: ofPort,
      inside: [tcp, udp],
      beside: [other(udp), other(tcp), icmp],
      isTelling: false,
    },
    {
      title: 'one port of any protocol at the peer',
      // When we begin it narrows to one protocol, and never hears of the other.
      onlyBegunBy: 'peer',
      family: 'ipv4',
      suite: 'suiteb_gcm256',
      policies: [{ remotePort: tcp.peerPort }],
      connections: ofPort,
      inside: [tcp, udp],
      beside: [other(udp), other(tcp), icmp],
      isTelling: false,
    },
    {
      title: 'everything over IPv6',
      family: 'ipv6',
      suite: 'suiteb_gcm256',
      policies: [{}],
      connections: { all: {} },
      ...everything,
      isTelling: false,
    },
    {
      title: 'ESP in UDP',
      family: 'ipv4',
      suite: 'suiteb_gcm256',
      policies: [{ action: 'esp_udp' }],
      connections: { all: { encapsulation: 'yes' } },
      ...everything,
      isTelling: false,
    },
    {
      title: 'everything by ECDSA certificates and host names',
      family: 'ipv4',
      suite: 'suiteb_gcm256',
      policies: [{ certificate: 'ecdsa', localIdentity: hostNames.ours, remoteIdentity: hostNames.peer }],
      connections: {
        all: {
          authby: 'ecdsa',
          leftcert: 'ecdsa',
          leftid: `@${hostNames.peer}`,
          rightid: `@${hostNames.ours}`,
        },
      },
      ...everything,
      isTelling: true,
    },
    {
      title: 'everything by RSA certificates and their subjects',
      family: 'ipv4',
      suite: 'suiteb_gcm256',
      policies: [{ certificate: 'rsa', remoteIdentity: subjectOf(hostNames.peer, 'rsa') }],
      connections: {
        all: {
          authby: 'rsasig',
          leftcert: 'rsa',
          leftid: '%fromcert',
          rightid: `"${subjectOf(hostNames.ours, 'rsa')}"`,
        },
      },
      ...everything,
      isTelling: false,
    },
    {
      title: 'everything by a pre-shared key with a post-quantum one mixed in',
      family: 'ipv4',
      suite: 'suiteb_gcm256',
      policies: [{ postquantumKey }],
      connections: { all: { ppk: 'insist' } },
      ...everything,
      isTelling: false,
    },
  ];
}

const postquantumKey = { identity: 'quantum-1', key: 'a post-quantum key of at least 32 bytes' };

/** Key of every scenario: of the 24 bytes that HMAC-SHA-384 deserves. */
export const key = 'a key of 24 bytes at least';

/** The whole configuration of the Libreswan host. */
export function libreswanConfiguration(
  { connections, suite, policies }: LibreswanScenario,
  { ours, peer }: { readonly ours: string; readonly peer: string },
): LibreswanConfiguration {
  const common = {
    left: peer,
    right: ours,
    type: 'transport',
    authby: 'secret',
    ikev2: 'insist',
    ppk: 'no',
    // We offer no group for CHILD SAs, so a rekey with one would be refused.
    pfs: 'no',
    auto: 'add',
    // A script of its that has nothing to do here takes a second in a guest.
    leftupdown: '%disabled',
    ...libreswanSuites[suite].settings,
  };
  const named = (identity: string | undefined, address: string): string =>
    identity === undefined ? address : `@${identity}`;
  const [wish] = policies;
  const identities = [named(wish?.remoteIdentity, peer), named(wish?.localIdentity, ours)];
  return {
    connections: Object.fromEntries(
      Object.entries(connections).map(([name, own]) => [name, { ...common, ...own }]),
    ),
    secrets: [
      `${identities.join(' ')} : PSK "${key}"\n`,
      `${identities.join(' ')} : PPKS "${postquantumKey.identity}" "${postquantumKey.key}"\n`,
    ].join(''),
  };
}
