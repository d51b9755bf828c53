import type { Versioned } from '@esplanade/desired';
import {
  addressOf,
  formatAddress,
  formatIdentity,
  formatPort,
  formatProtocol,
  type IpsecPolicy,
  type Prefix,
  policyActions,
} from '@esplanade/domain';
import type { Field, Links } from '@esplanade/ontap';
import { hrefs, referenceFields } from './reference-fields.ts';
import { netmaskSpelling, protocolSpelling } from './spellings.ts';

/** A policy as the collection holds it. */
export type PolicyRow = Versioned<IpsecPolicy>;

const created = ['post'] as const;
const always = ['post', 'patch'] as const;

/** The wire form of a policy, ONTAP's fields in ONTAP's order. */
export const policyFields: Readonly<Record<string, Field<PolicyRow>>> = {
  uuid: {
    type: 'string',
    description: 'Unique identifier of the policy.',
    isDefault: true,
    get: ({ value }) => value.uuid,
  },
  name: {
    type: 'string',
    description: 'Name, unique in its SVM or in the cluster scope. 1 to 64 printable ASCII characters.',
    isDefault: true,
    writable: always,
    isRequired: true,
    example: 'nfs',
    get: ({ value }) => value.name,
  },
  scope: {
    type: 'string',
    description: 'svm, or cluster for a policy that belongs to an IPspace and no SVM.',
    enum: ['svm', 'cluster'],
    isReadByResource: true,
    isDefault: true,
    writable: created,
    get: ({ value }) => value.scope.kind,
  },
  ...referenceFields<PolicyRow>('svm', 'the SVM the policy belongs to', svmOf, {
    isDefault: true,
    writable: created,
  }),
  ...referenceFields<PolicyRow>('ipspace', 'the IPspace the policy works in', ({ value }) => value.ipspace, {
    since: '9.9.1',
    writable: created,
  }),
  action: {
    type: 'string',
    description:
      'What happens to packets of the selector: esp_transport (default), esp_udp, bypass, discard.',
    enum: policyActions,
    isReadByResource: true,
    filterSince: '9.15.1',
    writable: always,
    get: ({ value }) => value.action,
  },
  authentication_method: {
    type: 'string',
    description: 'How the peers prove who they are; none for bypass and discard.',
    enum: ['none', 'psk', 'pki'],
    isReadByResource: true,
    since: '9.10.1',
    writable: created,
    get: ({ value }) => value.authentication.kind,
  },
  ...certificateFields(),
  enabled: {
    type: 'boolean',
    description: 'Whether the policy is carried out (default true).',
    writable: always,
    get: ({ value }) => value.enabled,
  },
  ...endpointFields('local', ({ value }) => [value.selector.local, value.selector.localPort]),
  local_identity: {
    type: 'string',
    description: 'Who we say we are in IKE. Without it the local address.',
    example: 'nas.example.com',
    since: '9.9.1',
    writable: always,
    get: ({ value }) => value.localIdentity && formatIdentity(value.localIdentity),
  },
  ...ppkFields(),
  protocol: {
    type: 'string',
    description: 'any, tcp, udp, or a protocol number.',
    writable: always,
    example: 'tcp',
    canonical: protocolSpelling,
    get: ({ value }) => formatProtocol(value.selector.protocol),
  },
  ...endpointFields('remote', ({ value }) => [value.selector.remote, value.selector.remotePort]),
  remote_identity: {
    type: 'string',
    description: 'Whom we expect in IKE; ANYTHING accepts any. Without it the remote address.',
    example: 'client.example.com',
    since: '9.9.1',
    writable: always,
    get: ({ value }) => value.remoteIdentity && formatIdentity(value.remoteIdentity),
  },
  secret_key: {
    type: 'string',
    description:
      'Pre-shared key, never shown: 18 to 128 characters; 0x and hexadecimal or 0s and base64 for other bytes.',
    writable: always,
    notFilterable: true,
  },
};

/** `_links` of what a policy refers to. */
export const policyLinks: Links<PolicyRow> = {
  svm: (row) => {
    const svm = svmOf(row);
    return svm && hrefs.svm(svm.uuid);
  },
  ipspace: ({ value }) => hrefs.ipspace(value.ipspace.uuid),
  certificate: (row) => {
    const certificate = certificateOf(row);
    return certificate && hrefs.certificate(certificate.uuid);
  },
};

function certificateOf({ value: { authentication } }: PolicyRow) {
  return authentication.kind === 'pki' ? authentication.certificate : undefined;
}

function svmOf({ value }: PolicyRow) {
  return value.scope.kind === 'svm' ? value.scope.svm : undefined;
}

function endpointFields(
  side: 'local' | 'remote',
  get: (row: PolicyRow) => readonly [Prefix, number],
): Readonly<Record<string, Field<PolicyRow>>> {
  return {
    [`${side}_endpoint.address`]: {
      type: 'address',
      description: `Address of the ${side} side, or of its subnet; comes with the netmask.`,
      writable: always,
      isRequired: true,
      isReadByResource: true,
      example: side === 'local' ? '192.0.2.1' : '192.0.2.2',
      get: (row) => formatAddress(addressOf(get(row)[0])),
    },
    [`${side}_endpoint.family`]: {
      type: 'string',
      description: `Family of the ${side} address; follows from it.`,
      enum: ['ipv4', 'ipv6'],
      writable: always,
      get: (row) => get(row)[0].family,
    },
    [`${side}_endpoint.netmask`]: {
      type: 'range',
      description: `Prefix length of the ${side} subnet; an IPv4 mask is taken too.`,
      writable: always,
      isRequired: true,
      example: '32',
      canonical: netmaskSpelling,
      get: (row) => String(get(row)[0].length),
    },
    [`${side}_endpoint.port`]: {
      type: 'range',
      description: `One ${side} port, "2049" or "2049-2049"; "0" (default) is any.`,
      writable: always,
      example: '2049-2049',
      get: (row) => formatPort(get(row)[1]),
    },
  };
}

function certificateFields(): Readonly<Record<string, Field<PolicyRow>>> {
  return {
    ...referenceFields<PolicyRow>('certificate', 'the certificate of our side', certificateOf, {
      since: '9.10.1',
      writable: always,
    }),
    certificate_modify_keepsa: {
      type: 'boolean',
      description: 'Whether SAs outlive a change of the certificate (default false).',
      since: '9.18.1',
      writable: always,
      get: ({ value: { authentication } }) =>
        authentication.kind === 'pki' ? authentication.keepsSas : undefined,
    },
  };
}

function ppkFields(): Readonly<Record<string, Field<PolicyRow>>> {
  return {
    'ppk.identity': {
      type: 'string',
      description:
        'Identity of the post-quantum pre-shared key (RFC 8784), 6 to 64 characters; comes with the key.',
      since: '9.17.1',
      example: 'ppk-2026',
      writable: always,
      get: ({ value: { authentication } }) =>
        authentication.kind === 'psk' ? authentication.postquantumKey?.identity : undefined,
    },
    'ppk.shared_key': {
      type: 'string',
      description: 'The post-quantum pre-shared key, never shown; in the forms of secret_key.',
      since: '9.17.1',
      writable: always,
      notFilterable: true,
    },
  };
}
