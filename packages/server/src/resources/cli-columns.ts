import type { PolicyAction } from '@esplanade/domain';
import type { FieldValue, ParsedBody } from '@esplanade/ontap';

/** ONTAP's CLI names one action otherwise than REST. */
export const cliActions: ReadonlyMap<PolicyAction, string> = new Map([
  ['esp_transport', 'esp_tra'],
  ['esp_udp', 'esp_udp'],
  ['bypass', 'bypass'],
  ['discard', 'discard'],
]);

/** Columns of `security ipsec policy` and `config` whose REST field has another name. */
export const restFields: ReadonlyMap<string, string> = new Map([
  ['vserver', 'svm.name'],
  ['local_ports', 'local_endpoint.port'],
  ['remote_ports', 'remote_endpoint.port'],
  ['protocols', 'protocol'],
  ['is_enabled', 'enabled'],
  ['is_offload_enabled', 'offload_enabled'],
  ['auth_method', 'authentication_method'],
  ['cert_name', 'certificate.name'],
  ['shared_key', 'secret_key'],
  ['ppk_identity', 'ppk.identity'],
  ['ppk_shared_key', 'ppk.shared_key'],
]);

/** A body in columns as one of REST, with the columns that REST lacks. */
export function restBody(columns: ParsedBody): ParsedBody {
  return new Map([...columns].flatMap(([column, value]) => restEntries(column, value)));
}

function restEntries(
  column: string,
  value: FieldValue | null,
): readonly (readonly [string, FieldValue | null])[] {
  const text = typeof value === 'object' && value !== null ? value.join(',') : value;
  switch (column) {
    case 'local_ip_subnets':
    case 'remote_ip_subnets':
      return subnetEntries(column === 'local_ip_subnets' ? 'local_endpoint' : 'remote_endpoint', text);
    case 'action':
      return [[column, [...cliActions].find(([, word]) => word === text)?.[0] ?? text]];
    case 'local_identity':
    case 'remote_identity':
    case 'ppk_identity':
      return [[restFields.get(column) ?? column, text === '' ? null : text]];
    default:
      return [[restFields.get(column) ?? column, text]];
  }
}

function subnetEntries(
  endpoint: string,
  subnet: FieldValue | null,
): readonly (readonly [string, FieldValue | null])[] {
  if (typeof subnet !== 'string') return [[`${endpoint}.address`, subnet]];
  const slash = subnet.lastIndexOf('/');
  if (slash < 0) return [[`${endpoint}.address`, subnet]];
  // Of several subnets the whole list goes on, to be refused as it was given.
  const address = subnet.includes(',') ? subnet : subnet.slice(0, slash);
  return [
    [`${endpoint}.address`, address],
    [`${endpoint}.netmask`, subnet.slice(slash + 1)],
  ];
}
