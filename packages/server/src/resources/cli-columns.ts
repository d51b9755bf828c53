import type { PolicyAction } from '@esplanade/domain';
import { type FieldValue, isFailure, type ModifyResult, type ParsedBody } from '@esplanade/ontap';

/** ONTAP's CLI names one action otherwise than REST. */
export const cliActions: ReadonlyMap<PolicyAction, string> = new Map([
  ['esp_transport', 'esp_tra'],
  ['esp_udp', 'esp_udp'],
  ['bypass', 'bypass'],
  ['discard', 'discard'],
]);

/** Columns of `security ipsec policy` whose REST field has another name; a subnet has two. */
const restFields: ReadonlyMap<string, string> = new Map([
  ['local_ports', 'local_endpoint.port'],
  ['remote_ports', 'remote_endpoint.port'],
  ['protocols', 'protocol'],
  ['is_enabled', 'enabled'],
  ['cert_name', 'certificate.name'],
  ['shared_key', 'secret_key'],
]);

/** What the CLI says instead of REST's words. */
const cliWords: ReadonlyMap<string, string> = new Map([
  ...cliActions,
  ...Array.from(restFields, ([column, field]) => [field, column] as const),
  ['certificate', 'cert_name'],
  ['local_endpoint.address', 'local_ip_subnets'],
  ['local_endpoint.netmask', 'local_ip_subnets'],
  ['remote_endpoint.address', 'remote_ip_subnets'],
  ['remote_endpoint.netmask', 'remote_ip_subnets'],
]);

/** A body in columns of `security ipsec policy` as one of `/security/ipsec/policies`, with the columns REST lacks. */
export function restBody(columns: ParsedBody): ParsedBody {
  return new Map([...columns].flatMap(([column, value]) => restEntries(column, value)));
}

/** The result of a write in the CLI's words: fields are called by their columns, in targets and sentences. */
export function inColumns(result: ModifyResult): ModifyResult {
  if (!isFailure(result)) return result;
  const [first, ...others] = result.problems.map((problem) => ({
    ...problem,
    message: problem.message.replace(
      /\b(?:(?:local|remote)_endpoint\.\w+|secret_key|esp_transport)\b/g,
      inCli,
    ),
    ...(problem.target !== undefined && { target: inCli(problem.target) }),
  }));
  return first === undefined ? result : { ...result, problems: [first, ...others] };
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
      return [[column, text === '' ? null : text]];
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
  return [
    [`${endpoint}.address`, subnet.slice(0, slash)],
    [`${endpoint}.netmask`, subnet.slice(slash + 1)],
  ];
}

function inCli(word: string): string {
  return cliWords.get(word) ?? word;
}
