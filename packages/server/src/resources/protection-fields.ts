import {
  addressBits,
  effectiveIdentities,
  formatAddress,
  formatIdentity,
  formatPort,
  formatProtocol,
  type IpAddress,
  type IpsecPolicy,
  type Packet,
} from '@esplanade/domain';
import type { Field, FieldValue } from '@esplanade/ontap';
import type { DecisionRow } from './decision-rows.ts';
import { installedSa } from './installed-sa.ts';
import type { Carriers } from './resource-parts.ts';

/**
 * Fields of the policy that protects a packet: whether an SA carries it, what happens where none does, and what the
 * packet's other end must be configured with, in the words of a policy there.
 */
export function protectionFields(carriers: Carriers): Readonly<Record<string, Field<DecisionRow>>> {
  const saOf = (policy: IpsecPolicy, { remoteAddress }: Packet) =>
    installedSa(policy, remoteAddress, carriers.of(policy.ipspace.uuid)?.reconciler);
  return {
    'sa.state': {
      type: 'string',
      description:
        "Whether an SA with the packet's other end is installed; unknown while SAs cannot be read.",
      enum: ['installed', 'none', 'unknown'],
      isDefault: true,
      get: (row) => ofProtected(row, saOf),
    },
    'sa.consequence': {
      type: 'string',
      description: 'What that means for the packet, a sentence.',
      get: (row) => ofProtected(row, (policy, packet) => consequences[saOf(policy, packet)](packet)),
    },
    ...peerFields,
  };
}

const consequences = {
  installed: ({ remoteAddress }: Packet) => `An SA with ${formatAddress(remoteAddress)} carries it.`,
  none: ({ remoteAddress }: Packet) =>
    `It is dropped. One that we send makes the kernel ask for an SA, which is negotiated with ${formatAddress(remoteAddress)}; the other end must begin for one that we receive in clear.`,
  unknown: ({ remoteAddress }: Packet) =>
    `Whether an SA with ${formatAddress(remoteAddress)} carries it is not known now; without one it is dropped.`,
} as const;

const peerFields: Readonly<Record<string, Field<DecisionRow>>> = {
  'peer.action': peerField('Its action', ({ action }) => action),
  ...peerEndpoint(
    'local',
    ({ remoteAddress }) => remoteAddress,
    ({ selector }) => selector.remotePort,
  ),
  ...peerEndpoint(
    'remote',
    ({ localAddress }) => localAddress,
    ({ selector }) => selector.localPort,
  ),
  'peer.protocol': peerField('Its protocol', ({ selector }) => formatProtocol(selector.protocol)),
  'peer.local_identity': peerField('Its own identity; absent where any will do', (policy) => {
    const { remote } = effectiveIdentities(policy);
    return remote.kind === 'any' ? undefined : formatIdentity(remote);
  }),
  'peer.remote_identity': peerField('The identity it must expect', (policy, { localAddress }, row) => {
    const { local } = effectiveIdentities(policy);
    if (row.certificateSubject !== undefined) return row.certificateSubject;
    return local.kind === 'any' ? formatAddress(localAddress) : formatIdentity(local);
  }),
  'peer.authentication_method': peerField(
    'Its authentication; with psk the key is the same',
    ({ authentication }) => authentication.kind,
  ),
  'peer.ppk.identity': peerField(
    'Its post-quantum key has this identity and is the same; absent where there is none',
    ({ authentication }) =>
      authentication.kind === 'psk' ? authentication.postquantumKey?.identity : undefined,
  ),
  'peer.cipher_suite': peerField('Its cipher suite', ({ cipherSuite }) => cipherSuite),
};

function peerEndpoint(
  side: 'local' | 'remote',
  address: (packet: Packet) => IpAddress,
  port: (policy: IpsecPolicy) => number,
): Readonly<Record<string, Field<DecisionRow>>> {
  return {
    [`peer.${side}_endpoint.address`]: peerField(`Its ${side} address`, (_, packet) =>
      formatAddress(address(packet)),
    ),
    [`peer.${side}_endpoint.netmask`]: peerField(`Netmask of its ${side} address`, (_, packet) =>
      String(addressBits(address(packet).family)),
    ),
    [`peer.${side}_endpoint.port`]: peerField(`Its ${side} port`, (policy) => formatPort(port(policy))),
  };
}

function peerField(
  what: string,
  get: (policy: IpsecPolicy, packet: Packet, row: DecisionRow) => FieldValue,
): Field<DecisionRow> {
  return {
    type: 'string',
    description: `What the other end needs for this packet. ${what}.`,
    get: (row) => ofProtected(row, get),
  };
}

function ofProtected<T>(
  row: DecisionRow,
  get: (policy: IpsecPolicy, packet: Packet, row: DecisionRow) => T,
): T | undefined {
  const { policy, protectedPacket } = row;
  return policy === undefined || protectedPacket === undefined
    ? undefined
    : get(policy, protectedPacket, row);
}
