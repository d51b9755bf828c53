import { cipherSuites, type IkeSa, type SaDirection } from '@esplanade/domain';
import type { CollectionResource, Field } from '@esplanade/ontap';
import { missingAs, notFoundErrors } from './not-found-error-codes.ts';
import { recordErrors } from './record-error-codes.ts';
import { hrefs, referenceFields } from './reference-fields.ts';
import type { ResourceParts } from './resource-parts.ts';
import { findSa, type SaRow, saRows } from './sad-rows.ts';

/** `/security/ipsec/security-associations`: the SAD, observed and never stored. */
export function securityIpsecSecurityAssociations(parts: ResourceParts): CollectionResource<SaRow> {
  const node = () => parts.desired.snapshot().node;
  return {
    kind: 'collection',
    path: '/security/ipsec/security-associations',
    svmAccess: ['GET'],
    title: 'Security associations',
    since: '9.8',
    key: 'uuid',
    fields: securityAssociationFields(parts),
    examples: {
      record: {
        policy_name: 'nfs',
        local_address: '192.0.2.1',
        remote_address: '192.0.2.2',
        lifetime: 28_800,
        cipher_suite: 'suiteb_gcm256',
        'ike.version': undefined,
        'ike.state': undefined,
        'ike.authentication': undefined,
        'ike.is_initiator': undefined,
        'ipsec.state': 'installed',
        'ipsec.action': 'esp_transport',
        'ipsec.inbound.security_parameter_index': 'c4c5b3d6',
        'ipsec.inbound.packets': 12n,
        'ipsec.inbound.offload_bytes': 0n,
        'ipsec.inbound.offload_packets': 0n,
        'ipsec.outbound.security_parameter_index': 'c7d6e5f4',
        'ipsec.outbound.packets': 11n,
        'ipsec.outbound.offload_bytes': 0n,
        'ipsec.outbound.offload_packets': 0n,
      },
    },
    links: {
      svm: (row) => {
        const uuid = row.sa.given?.get('svm.uuid') ?? svmOf(row)?.uuid;
        return uuid === undefined ? undefined : hrefs.svm(String(uuid));
      },
      node: ({ sa }) => hrefs.node(String(sa.given?.get('node.uuid') ?? node().uuid)),
    },
    errors: { GET: [recordErrors.sasUnobserved, notFoundErrors.ikeSa, notFoundErrors.ipsecSa] },
    parameters: [
      {
        name: 'ipspace.name',
        methods: ['GET'],
        description: 'Only the SAs of this IPspace: the same addresses may be in several.',
      },
    ],
    list: (principal, parameters) => saRows(parts, principal, parameters),
    madeOf: ({ sa, policy }) => [sa, policy],
    find: (key, principal) => findSa(parts, key, principal),
    missing: missingAs(parts.ontapVersion, notFoundErrors.ikeSa, notFoundErrors.ipsecSa),
  };
}

/** The wire form of an SA, of either kind: the other kind's fields are unset. */
export function securityAssociationFields(parts: ResourceParts): Readonly<Record<string, Field<SaRow>>> {
  const node = () => parts.desired.snapshot().node;
  return asGiven({
    uuid: {
      type: 'string',
      description: 'Name-based on node, IPspace, kind, our address and our SPI: the same after our restart.',
      isDefault: true,
      get: ({ sa }) => sa.uuid,
    },
    type: {
      type: 'string',
      description: 'ike, or ipsec for the pair of ESP SAs of one negotiation.',
      enum: ['ipsec', 'ike'],
      isDefault: true,
      get: ({ sa }) => sa.kind,
    },
    scope: {
      type: 'string',
      description: 'svm when its policy belongs to an SVM, else cluster.',
      enum: ['svm', 'cluster'],
      isDefault: true,
      get: ({ policy }) => policy?.scope.kind ?? 'cluster',
    },
    ...referenceFields<SaRow>('svm', "the policy's SVM", svmOf, { isDefault: true }),
    ...referenceFields<SaRow>('node', 'the node that holds the SA', node, { isDefault: true }),
    policy_name: {
      type: 'string',
      description:
        'The policy it carries, also for the moment in which the SA outlives it; of an IKE SA that several policies share, the one that brought it up, or one of the others once that is deleted. For SAs that are not ours, the name their daemon knows.',
      get: ({ sa, policy }) => policy?.name ?? sa.foreignName,
    },
    local_address: { type: 'address', description: 'Our address.', get: ({ sa }) => sa.localAddress },
    remote_address: {
      type: 'address',
      description: "The peer's address.",
      get: ({ sa }) => sa.remoteAddress,
    },
    lifetime: {
      type: 'integer',
      description: 'Configured lifetime in seconds.',
      get: ({ sa }) => sa.lifetimeSeconds,
    },
    cipher_suite: {
      type: 'string',
      description: 'The suite in use, where it is one of these.',
      enum: cipherSuites,
      get: ({ sa }) => sa.cipherSuite,
    },
    ...ikeFields(),
    'ipsec.state': {
      type: 'string',
      description: 'State of the pair of ESP SAs, for example installed or rekeying.',
      get: ({ sa }) => (sa.kind === 'ipsec' ? sa.state : undefined),
    },
    'ipsec.action': {
      type: 'string',
      description: 'What is done with packets; ESP in UDP counts as esp_transport.',
      enum: ['bypass', 'discard', 'esp_transport'],
      get: ({ sa }) => (sa.kind === 'ipsec' ? 'esp_transport' : undefined),
    },
    ...directionFields('inbound', ({ sa }) => (sa.kind === 'ipsec' ? sa.inbound : undefined)),
    ...directionFields('outbound', ({ sa }) => (sa.kind === 'ipsec' ? sa.outbound : undefined)),
  });
}

/** A record that came ready-made shows what it brought and nothing that could be derived. */
function asGiven(fields: Readonly<Record<string, Field<SaRow>>>): Readonly<Record<string, Field<SaRow>>> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [
      name,
      {
        ...field,
        get: (row: SaRow) => (row.sa.given === undefined ? field.get?.(row) : row.sa.given.get(name)),
      },
    ]),
  );
}

function svmOf({ policy }: SaRow) {
  return policy?.scope.kind === 'svm' ? policy.scope.svm : undefined;
}

function ikeOf({ sa }: SaRow): IkeSa | undefined {
  return sa.kind === 'ike' ? sa : undefined;
}

/** Printed as domain's `Spi`; kernels and daemons write it with `0x` and in capitals too. */
const spi = {
  type: 'string',
  letterCase: 'lower',
  canonical: (text: string) => text.replace(/^0x/i, ''),
} as const;

function ikeFields(): Readonly<Record<string, Field<SaRow>>> {
  return {
    'ike.version': { type: 'integer', description: 'IKE version.', get: (row) => ikeOf(row)?.ikeVersion },
    'ike.state': {
      type: 'string',
      description: 'State of the IKE SA.',
      enum: ['none', 'connecting', 'established', 'dead_peer_probe'],
      get: (row) => ikeOf(row)?.state,
    },
    'ike.authentication': {
      type: 'string',
      description: 'How the peers proved who they are.',
      enum: ['none', 'psk', 'cert'],
      get: (row) => ikeOf(row)?.authentication,
    },
    'ike.is_initiator': {
      type: 'boolean',
      description: 'Whether we began the negotiation.',
      get: (row) => ikeOf(row)?.isInitiator,
    },
    'ike.initiator_security_parameter_index': {
      ...spi,
      description: 'SPI of the initiator, 16 hexadecimal digits.',
      get: (row) => ikeOf(row)?.initiatorSpi,
    },
    'ike.responder_security_parameter_index': {
      ...spi,
      description: 'SPI of the responder, 16 hexadecimal digits.',
      get: (row) => ikeOf(row)?.responderSpi,
    },
  };
}

function directionFields(
  direction: 'inbound' | 'outbound',
  get: (row: SaRow) => SaDirection | undefined,
): Readonly<Record<string, Field<SaRow>>> {
  const offloaded = (row: SaRow) => (get(row) === undefined ? undefined : 0n);
  return {
    [`ipsec.${direction}.security_parameter_index`]: {
      ...spi,
      description: `SPI of ${direction} packets, 8 hexadecimal digits.`,
      get: (row) => get(row)?.spi,
    },
    [`ipsec.${direction}.bytes`]: {
      type: 'counter',
      description: `Bytes of ${direction} packets.`,
      get: (row) => get(row)?.bytes,
    },
    [`ipsec.${direction}.packets`]: {
      type: 'counter',
      description: `Number of ${direction} packets.`,
      get: (row) => get(row)?.packets,
    },
    [`ipsec.${direction}.offload_bytes`]: {
      type: 'counter',
      description: `Bytes of ${direction} packets that hardware handled: none so far.`,
      since: '9.16.1',
      aliases: [`ipsec.${direction}.offloaded_bytes`],
      get: offloaded,
    },
    [`ipsec.${direction}.offload_packets`]: {
      type: 'counter',
      description: `Number of ${direction} packets that hardware handled: none so far.`,
      since: '9.16.1',
      aliases: [`ipsec.${direction}.offloaded_packets`],
      get: offloaded,
    },
  };
}
