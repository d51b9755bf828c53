import {
  addressOf,
  formatAddress,
  formatIdentity,
  formatPort,
  formatProtocol,
  type Prefix,
} from '@esplanade/domain';
import type { Field, TableResource } from '@esplanade/ontap';
import { cliActions, inColumns, restBody } from './cli-columns.ts';
import { overlapParameter } from './key-overlap.ts';
import { forceParameter } from './lock-out.ts';
import type { PolicyRow } from './policy-fields.ts';
import { modifyPolicy } from './policy-writes.ts';
import type { ResourceParts } from './resource-parts.ts';
import { portSpelling, protocolSpelling, subnetSpelling } from './spellings.ts';
import { visiblePolicies } from './visible-policies.ts';

const patch = ['patch'] as const;

/**
 * `/private/cli/security/ipsec/policy`: ONTAP's `security ipsec policy show` and `modify`, the only door to a policy's
 * cipher suite and lifetimes. Records are known by vserver and name; a PATCH selects them by query.
 */
export function privateCliIpsecPolicy(parts: ResourceParts): TableResource<PolicyRow> {
  const { desired } = parts;
  return {
    kind: 'table',
    path: '/private/cli/security/ipsec/policy',
    title: 'CLI: security ipsec policy',
    since: '9.8',
    isCli: true,
    keys: ['vserver', 'name'],
    fields: {
      vserver: {
        type: 'string',
        description: 'SVM the policy belongs to; the name of the cluster for scope cluster.',
        get: ({ value: { scope } }) =>
          scope.kind === 'svm' ? scope.svm.name : desired.snapshot().cluster.name,
      },
      ...columns,
    },
    parameters: [forceParameter('PATCH'), overlapParameter],
    list: (principal) => ({ kind: 'rows', rows: visiblePolicies(desired.snapshot(), principal) }),
    modify: async (row, body, context) => inColumns(await modifyPolicy(parts, row, restBody(body), context)),
  };
}

const columns: Readonly<Record<string, Field<PolicyRow>>> = {
  name: { type: 'string', description: 'Name of the policy.', get: ({ value }) => value.name },
  ...sideColumns('local', ({ value }) => [value.selector.local, value.selector.localPort]),
  ...sideColumns('remote', ({ value }) => [value.selector.remote, value.selector.remotePort]),
  protocols: {
    type: 'strings',
    description: 'The protocol, a list of one: any, tcp, udp, or a number.',
    writable: patch,
    canonical: protocolSpelling,
    get: ({ value }) => [formatProtocol(value.selector.protocol)],
  },
  action: {
    type: 'keyword',
    description: 'What happens to packets of the selector; esp_tra is esp_transport.',
    enum: [...cliActions.values()],
    writable: patch,
    get: ({ value }) => cliActions.get(value.action),
  },
  cipher_suite: {
    type: 'keyword',
    description: 'Algorithms of IKE and ESP.',
    enum: ['suite_aescbc', 'suiteb_gcm256', 'suiteb_gmac256'],
    writable: patch,
    get: ({ value }) => value.cipherSuite,
  },
  ike_lifetime: {
    type: 'integer',
    description: 'Lifetime of IKE SAs in seconds, 60 to 2592000 (default 86400).',
    writable: patch,
    get: ({ value }) => value.lifetimes.ikeSeconds,
  },
  ipsec_lifetime: {
    type: 'integer',
    description: 'Lifetime of ESP SAs in seconds, 60 to 2592000 (default 28800).',
    writable: patch,
    get: ({ value }) => value.lifetimes.ipsecSeconds,
  },
  ipsec_lifetime_bytes: {
    type: 'integer',
    description: 'Lifetime of ESP SAs in bytes, from 1048576; 0 (default) is no limit.',
    writable: patch,
    get: ({ value }) => value.lifetimes.ipsecBytes,
  },
  is_enabled: {
    type: 'boolean',
    description: 'Whether the policy is carried out.',
    aliases: ['enabled'],
    writable: patch,
    get: ({ value }) => value.enabled,
  },
  local_identity: {
    type: 'string',
    description: 'Who we say we are in IKE; an empty text takes it away.',
    writable: patch,
    get: ({ value }) => value.localIdentity && formatIdentity(value.localIdentity),
  },
  remote_identity: {
    type: 'string',
    description: 'Whom we expect in IKE; an empty text takes it away.',
    writable: patch,
    get: ({ value }) => value.remoteIdentity && formatIdentity(value.remoteIdentity),
  },
  auth_method: {
    type: 'keyword',
    description: 'How the peers prove who they are.',
    enum: ['none', 'psk', 'pki'],
    get: ({ value }) => value.authentication.kind,
  },
  cert_name: {
    type: 'string',
    description: 'Certificate of our side.',
    writable: patch,
    get: ({ value: { authentication } }) =>
      authentication.kind === 'pki' ? authentication.certificate.name : undefined,
  },
  shared_key: {
    type: 'string',
    description: 'Pre-shared key, never shown.',
    writable: patch,
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
      writable: patch,
      canonical: subnetSpelling,
      get: (row) => {
        const [prefix] = get(row);
        return [`${formatAddress(addressOf(prefix))}/${prefix.length}`];
      },
    },
    [`${side}_ports`]: {
      type: 'strings',
      description: `Port of the ${side} side, a list of one: "2049-2049"; "0-0" is any.`,
      writable: patch,
      canonical: portSpelling,
      get: (row) => [formatPort(get(row)[1])],
    },
  };
}
