/** The releases at whose boundaries something of the API changes, oldest first; the first is the oldest emulated. */
export const boundaries = [
  '9.8',
  '9.9.1',
  '9.10.1',
  '9.11.1',
  '9.15.1',
  '9.16.1',
  '9.17.1',
  '9.18.1',
] as const;
export type Boundary = (typeof boundaries)[number];

/** What one endpoint got when: names separated by spaces. */
interface Introduced {
  /** First release with the endpoint itself. */
  readonly endpoint: Boundary;
  readonly fields: Readonly<Partial<Record<Boundary, string>>>;
  /** Fields that became filters only later. */
  readonly filters?: Readonly<Partial<Record<Boundary, string>>>;
}

const certificateFields =
  'uuid name scope svm.name svm.uuid type common_name ca serial_number expiry_time hash_function key_size public_certificate private_key intermediate_certificates subject_key_identifier authority_key_identifier';
const endpointFields = (side: string): string =>
  ['address', 'family', 'netmask', 'port'].map((name) => `${side}_endpoint.${name}`).join(' ');

/**
 * Every field of ONTAP's endpoints by the release that brought it, written by hand from NetApp's pages of each release.
 * 9.8 also stands for what is older. A test holds the descriptors against it: a field that is not here has no release.
 */
export const introduced: Readonly<Record<string, Introduced>> = {
  '/cluster': {
    endpoint: '9.8',
    fields: {
      '9.8': 'name uuid version.full version.generation version.major version.minor timezone.name',
    },
  },
  '/cluster/jobs': {
    endpoint: '9.8',
    fields: {
      '9.8':
        'uuid description state message code start_time end_time error.code error.message error.target node.name node.uuid svm.name svm.uuid',
    },
  },
  '/cluster/nodes': {
    endpoint: '9.8',
    fields: {
      '9.8':
        'uuid name serial_number model state membership date uptime version.full version.generation version.major version.minor',
    },
  },
  '/svm/svms': {
    endpoint: '9.8',
    fields: { '9.8': 'uuid name ipspace.name ipspace.uuid comment state subtype' },
  },
  '/network/ipspaces': { endpoint: '9.8', fields: { '9.8': 'uuid name' } },
  '/network/ip/interfaces': {
    endpoint: '9.8',
    fields: {
      '9.8':
        'uuid name scope svm.name svm.uuid ipspace.name ipspace.uuid ip.address ip.netmask ip.family enabled',
    },
  },
  '/security/accounts': {
    endpoint: '9.8',
    fields: {
      '9.8': 'owner.name owner.uuid name scope role.name applications locked comment password',
    },
  },
  '/security/roles': {
    endpoint: '9.8',
    fields: { '9.8': 'owner.name owner.uuid name scope builtin privileges' },
  },
  '/security/roles/{owner.uuid}/{name}/privileges': {
    endpoint: '9.8',
    fields: { '9.8': 'owner.uuid name path access query' },
  },
  '/security/audit': { endpoint: '9.8', fields: { '9.8': 'cli http ontapi' } },
  '/security/audit/destinations': {
    endpoint: '9.8',
    fields: { '9.8': 'address port protocol facility verify_server force' },
  },
  '/security/audit/messages': {
    endpoint: '9.8',
    fields: {
      '9.8':
        'timestamp node.name node.uuid index application location user svm.name scope session_id command_id state input message',
      '9.17.1': 'role',
    },
  },
  '/security/certificates': {
    endpoint: '9.8',
    fields: {
      '9.8': certificateFields,
      '9.15.1':
        'subject_alternatives.dns subject_alternatives.email subject_alternatives.ip subject_alternatives.uri',
    },
  },
  '/security/certificates/{uuid}/sign': {
    endpoint: '9.8',
    fields: { '9.8': 'signing_request hash_function expiry_time public_certificate' },
  },
  '/security/ipsec': {
    endpoint: '9.8',
    fields: { '9.8': 'enabled replay_window', '9.16.1': 'offload_enabled' },
  },
  '/security/ipsec/ca-certificates': {
    endpoint: '9.10.1',
    fields: { '9.10.1': 'certificate.uuid scope svm.name svm.uuid' },
  },
  '/security/ipsec/policies': {
    endpoint: '9.8',
    fields: {
      '9.8': `uuid name scope svm.name svm.uuid action enabled ${endpointFields('local')} ${endpointFields('remote')} protocol secret_key`,
      '9.9.1': 'ipspace.name ipspace.uuid local_identity remote_identity',
      '9.10.1': 'authentication_method certificate.name certificate.uuid',
      '9.17.1': 'ppk.identity ppk.shared_key',
      '9.18.1': 'certificate_modify_keepsa',
    },
    filters: { '9.15.1': 'action' },
  },
  '/security/ipsec/security-associations': {
    endpoint: '9.8',
    fields: {
      '9.8':
        'uuid type scope svm.name svm.uuid node.name node.uuid policy_name local_address remote_address lifetime cipher_suite ike.version ike.state ike.authentication ike.is_initiator ike.initiator_security_parameter_index ike.responder_security_parameter_index ipsec.state ipsec.action ipsec.inbound.security_parameter_index ipsec.inbound.bytes ipsec.inbound.packets ipsec.outbound.security_parameter_index ipsec.outbound.bytes ipsec.outbound.packets',
      '9.16.1':
        'ipsec.inbound.offload_bytes ipsec.inbound.offload_packets ipsec.outbound.offload_bytes ipsec.outbound.offload_packets',
    },
  },
  '/private/cli/vserver': {
    endpoint: '9.8',
    fields: { '9.8': 'vserver uuid type subtype admin_state operational_state ipspace comment' },
  },
  '/private/cli/security/ipsec/config': {
    endpoint: '9.8',
    fields: { '9.8': 'is_enabled replay_window', '9.16.1': 'is_offload_enabled' },
  },
  '/private/cli/security/ipsec/policy': {
    endpoint: '9.8',
    fields: {
      '9.8':
        'vserver name local_ip_subnets local_ports remote_ip_subnets remote_ports protocols action cipher_suite ike_lifetime ipsec_lifetime ipsec_lifetime_bytes is_enabled shared_key',
      '9.9.1': 'local_identity remote_identity',
      '9.10.1': 'auth_method cert_name',
      '9.17.1': 'ppk_identity ppk_shared_key',
    },
  },
  '/private/cli/security/ipsec/ca-certificate': {
    endpoint: '9.10.1',
    fields: { '9.10.1': 'vserver ca_certs' },
  },
  '/private/cli/security/ipsec/ca-certificate/add': {
    endpoint: '9.10.1',
    fields: { '9.10.1': 'vserver ca_certs' },
  },
  '/private/cli/security/ipsec/ca-certificate/remove': {
    endpoint: '9.10.1',
    fields: { '9.10.1': 'vserver ca_certs' },
  },
  '/private/cli/security/ipsec/ikesa': {
    endpoint: '9.8',
    fields: {
      '9.8':
        'node vserver policy_name local_address remote_address initiator_spi responder_spi is_initiator ike_version auth_method state cipher_suite lifetime',
    },
  },
  '/private/cli/security/ipsec/ipsecsa': {
    endpoint: '9.8',
    fields: {
      '9.8':
        'node vserver policy_name local_address remote_address inbound_spi outbound_spi action state cipher_suite lifetime inbound_bytes inbound_packets outbound_bytes outbound_packets',
      '9.16.1':
        'inbound_offload_bytes inbound_offload_packets outbound_offload_bytes outbound_offload_packets',
    },
  },
};

/** ONTAP's generic query parameters by the release that brought them. */
export const introducedParameters: Readonly<Partial<Record<Boundary, string>>> = {
  '9.8':
    'fields pretty return_records return_timeout return_unmatched_nested_array_objects max_records order_by $orderBy start query query_fields continue_on_failure',
  '9.10.1': 'serial_records',
  '9.11.1': 'ignore_unknown_fields',
};

/** Those that POST takes only from a later release on: without `records` in its body they have no meaning. */
export const introducedInPost: Readonly<Partial<Record<Boundary, string>>> = {
  '9.10.1': 'continue_on_failure',
};

/** Whether a release is as new as another. */
export function isFrom(release: Boundary, since: Boundary): boolean {
  return boundaries.indexOf(release) >= boundaries.indexOf(since);
}

/** The names that have come by the release. */
export function namesBy(table: Readonly<Partial<Record<Boundary, string>>>, release: Boundary): Set<string> {
  const come = boundaries.filter((since) => isFrom(release, since));
  return new Set(come.flatMap((since) => table[since]?.split(' ') ?? []));
}
