import {
  addressOf,
  formatAddress,
  formatIdentity,
  formatPort,
  formatProtocol,
  type Prefix,
} from '@esplanade/domain';
import type { Field } from '@esplanade/ontap';
import { cliActions } from './cli-columns.ts';
import type { PolicyRow } from './policy-fields.ts';
import { portSpelling, protocolSpelling, subnetSpelling } from './spellings.ts';

const create = ['post'] as const;
const always = ['post', 'patch'] as const;

/** Columns of `security ipsec policy` after the vserver, in the CLI's order. */
export const cliPolicyColumns: Readonly<Record<string, Field<PolicyRow>>> = {
  name: {
    type: 'string',
    description: 'Name of the policy.',
    writable: create,
    isRequired: true,
    example: 'iscsi',
    get: ({ value }) => value.name,
  },
  ...sideColumns('local', ({ value }) => [value.selector.local, value.selector.localPort]),
  ...sideColumns('remote', ({ value }) => [value.selector.remote, value.selector.remotePort]),
  protocols: {
    type: 'strings',
    description: 'The protocol, a list of one: any, tcp, udp, or a number.',
    writable: always,
    canonical: protocolSpelling,
    get: ({ value }) => [formatProtocol(value.selector.protocol)],
  },
  action: {
    type: 'keyword',
    description: 'What happens to packets of the selector; esp_tra (default) is esp_transport.',
    enum: [...cliActions.values()],
    writable: always,
    get: ({ value }) => cliActions.get(value.action),
  },
  cipher_suite: {
    type: 'keyword',
    description: 'Algorithms of IKE and ESP (default suiteb_gcm256).',
    enum: ['suite_aescbc', 'suiteb_gcm256', 'suiteb_gmac256'],
    writable: always,
    get: ({ value }) => value.cipherSuite,
  },
  ike_lifetime: {
    type: 'integer',
    description: 'Lifetime of IKE SAs in seconds, 60 to 2592000 (default 86400).',
    writable: always,
    get: ({ value }) => value.lifetimes.ikeSeconds,
  },
  ipsec_lifetime: {
    type: 'integer',
    description: 'Lifetime of ESP SAs in seconds, 60 to 2592000 (default 28800).',
    writable: always,
    get: ({ value }) => value.lifetimes.ipsecSeconds,
  },
  ipsec_lifetime_bytes: {
    type: 'integer',
    description: 'Lifetime of ESP SAs in bytes, from 1048576; 0 (default) is no limit.',
    writable: always,
    get: ({ value }) => value.lifetimes.ipsecBytes,
  },
  is_enabled: {
    type: 'boolean',
    description: 'Whether the policy is carried out (default true).',
    aliases: ['enabled'],
    writable: always,
    get: ({ value }) => value.enabled,
  },
  local_identity: {
    type: 'string',
    description: 'Who we say we are in IKE; an empty text takes it away.',
    since: '9.9.1',
    writable: always,
    get: ({ value }) => value.localIdentity && formatIdentity(value.localIdentity),
  },
  remote_identity: {
    type: 'string',
    description: 'Whom we expect in IKE; an empty text takes it away.',
    since: '9.9.1',
    writable: always,
    get: ({ value }) => value.remoteIdentity && formatIdentity(value.remoteIdentity),
  },
  auth_method: {
    type: 'keyword',
    description: 'How the peers prove who they are.',
    enum: ['none', 'psk', 'pki'],
    since: '9.10.1',
    writable: create,
    get: ({ value }) => value.authentication.kind,
  },
  cert_name: {
    type: 'string',
    description: 'Certificate of our side.',
    since: '9.10.1',
    writable: always,
    get: ({ value: { authentication } }) =>
      authentication.kind === 'pki' ? authentication.certificate.name : undefined,
  },
  shared_key: {
    type: 'string',
    description: 'Pre-shared key, never shown.',
    writable: always,
    notFilterable: true,
  },
  ppk_identity: {
    type: 'string',
    description: 'Identity of the post-quantum pre-shared key; an empty text takes both away.',
    since: '9.17.1',
    writable: always,
    get: ({ value: { authentication } }) =>
      authentication.kind === 'psk' ? authentication.postquantumKey?.identity : undefined,
  },
  ppk_shared_key: {
    type: 'string',
    description: 'Post-quantum pre-shared key, never shown; comes with its identity.',
    since: '9.17.1',
    writable: always,
    notFilterable: true,
  },
};

function sideColumns(
  side: 'local' | 'remote',
  get: (row: PolicyRow) => readonly [Prefix, number],
): Readonly<Record<string, Field<PolicyRow>>> {
  return {
    [`${side}_ip_subnets`]: {
      type: 'strings',
      description: `Subnet of the ${side} side, a list of one: address/prefix length.`,
      writable: always,
      isRequired: true,
      canonical: subnetSpelling,
      example: [side === 'local' ? '192.0.2.30/32' : '192.0.2.40/32'],
      get: (row) => {
        const [prefix] = get(row);
        return [`${formatAddress(addressOf(prefix))}/${prefix.length}`];
      },
    },
    [`${side}_ports`]: {
      type: 'strings',
      description: `Port of the ${side} side, a list of one: "2049-2049"; "0-0" (default) is any.`,
      writable: always,
      canonical: portSpelling,
      get: (row) => [formatPort(get(row)[1])],
    },
  };
}
