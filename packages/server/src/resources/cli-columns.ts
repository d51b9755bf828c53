import type { PolicyAction } from '@esplanade/domain';
import {
  type ApiFailure,
  type CreateResult,
  type DeleteResult,
  type FieldValue,
  isFailure,
  type ModifyResult,
  type ParsedBody,
} from '@esplanade/ontap';

/** ONTAP's CLI names one action otherwise than REST. */
export const cliActions: ReadonlyMap<PolicyAction, string> = new Map([
  ['esp_transport', 'esp_tra'],
  ['esp_udp', 'esp_udp'],
  ['bypass', 'bypass'],
  ['discard', 'discard'],
]);

/** Columns of `security ipsec policy` and `config` whose REST field has another name. */
const restFields: ReadonlyMap<string, string> = new Map([
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

/** What the CLI says instead of REST's words; a subnet is one column and two fields. */
const cliWords: ReadonlyMap<string, string> = new Map([
  ...cliActions,
  ...Array.from(restFields, ([column, field]) => [field, column] as const),
  ['svm', 'vserver'],
  ['scope', 'vserver'],
  ['certificate', 'cert_name'],
  ['certificate.uuid', 'cert_name'],
  ['local_endpoint.address', 'local_ip_subnets'],
  ['local_endpoint.netmask', 'local_ip_subnets'],
  ['remote_endpoint.address', 'remote_ip_subnets'],
  ['remote_endpoint.netmask', 'remote_ip_subnets'],
]);

/** Words of REST that cannot be anything else in a sentence. */
const restWords =
  /\b(?:(?:local|remote)_endpoint\.\w+|(?:svm|certificate|ppk)\.\w+|secret_key|authentication_method|offload_enabled|esp_transport)\b/g;

/** A body in columns as one of REST, with the columns that REST lacks. */
export function restBody(columns: ParsedBody): ParsedBody {
  return new Map([...columns].flatMap(([column, value]) => restEntries(column, value)));
}

/** The result of a write in the CLI's words: fields are called by their columns, in targets and sentences. */
export function inColumns<Result extends CreateResult | ModifyResult | DeleteResult>(
  result: Result,
): Result | ApiFailure {
  if (!isFailure(result)) return result;
  const [first, ...others] = result.problems.map((problem) => ({
    ...problem,
    message: problem.message.replace(restWords, inCli),
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
  return [
    [`${endpoint}.address`, subnet.slice(0, slash)],
    [`${endpoint}.netmask`, subnet.slice(slash + 1)],
  ];
}

function inCli(word: string): string {
  return cliWords.get(word) ?? word;
}
