import { type Field, isFailure, type Rows, type TableResource } from '@esplanade/ontap';
import { cliActions } from './cli-columns.ts';
import { recordErrors } from './record-error-codes.ts';
import type { ResourceParts } from './resource-parts.ts';
import { type SaRow, saRows } from './sad-rows.ts';
import { securityAssociationFields } from './security-ipsec-security-associations.ts';

/** Columns that both commands have, and the fields of REST they are. */
const sharedColumns = {
  node: 'node.name',
  vserver: 'svm.name',
  policy_name: 'policy_name',
  local_address: 'local_address',
  remote_address: 'remote_address',
} as const;

const ikeColumns = {
  initiator_spi: 'ike.initiator_security_parameter_index',
  responder_spi: 'ike.responder_security_parameter_index',
  is_initiator: 'ike.is_initiator',
  ike_version: 'ike.version',
  auth_method: 'ike.authentication',
  state: 'ike.state',
  cipher_suite: 'cipher_suite',
  lifetime: 'lifetime',
} as const;

const ipsecColumns = {
  inbound_spi: 'ipsec.inbound.security_parameter_index',
  outbound_spi: 'ipsec.outbound.security_parameter_index',
  action: 'ipsec.action',
  state: 'ipsec.state',
  cipher_suite: 'cipher_suite',
  lifetime: 'lifetime',
  inbound_bytes: 'ipsec.inbound.bytes',
  inbound_packets: 'ipsec.inbound.packets',
  outbound_bytes: 'ipsec.outbound.bytes',
  outbound_packets: 'ipsec.outbound.packets',
  inbound_offload_bytes: 'ipsec.inbound.offload_bytes',
  inbound_offload_packets: 'ipsec.inbound.offload_packets',
  outbound_offload_bytes: 'ipsec.outbound.offload_bytes',
  outbound_offload_packets: 'ipsec.outbound.offload_packets',
} as const;

/** `/private/cli/security/ipsec/ikesa`: ONTAP's `security ipsec show-ikesa`. */
export function privateCliIpsecIkeSas(parts: ResourceParts): TableResource<SaRow> {
  return saTable(parts, 'ike', 'initiator_spi', { ...sharedColumns, ...ikeColumns });
}

/** `/private/cli/security/ipsec/ipsecsa`: ONTAP's `security ipsec show-ipsecsa`. */
export function privateCliIpsecEspSas(parts: ResourceParts): TableResource<SaRow> {
  return saTable(parts, 'ipsec', 'inbound_spi', { ...sharedColumns, ...ipsecColumns });
}

function saTable(
  parts: ResourceParts,
  type: 'ike' | 'ipsec',
  spi: string,
  columns: Readonly<Record<string, string>>,
): TableResource<SaRow> {
  const restFields = securityAssociationFields(parts);
  const fields = Object.entries(columns).map(
    ([column, name]) => [column, cliField(column, restFields[name], parts)] as const,
  );
  const typeOf = restFields['type']?.get;
  return {
    kind: 'table',
    path: `/private/cli/security/ipsec/${type}sa`,
    svmAccess: ['GET'],
    title: `CLI: security ipsec show-${type}sa`,
    since: '9.8',
    isCli: true,
    keys: [...Object.keys(sharedColumns), spi],
    fields: Object.fromEntries(fields),
    errors: { GET: [recordErrors.sasUnobserved] },
    list: (principal) => {
      const all = saRows(parts, principal);
      return isFailure(all) ? all : only(all, (row) => typeOf?.(row) === type);
    },
  };
}

/** A field of REST as the CLI has it: enumerations are keywords, and what belongs to no SVM is the cluster's. */
function cliField(column: string, field: Field<SaRow> | undefined, { desired }: ResourceParts): Field<SaRow> {
  if (field === undefined) throw new Error(`no field of REST is the column ${column}`);
  const { description, since, type, canonical, letterCase } = field;
  const own = {
    description,
    ...(since !== undefined && { since }),
    ...(canonical && { canonical }),
    ...(letterCase && { letterCase }),
  };
  const get = (row: SaRow) => field.get?.(row);
  if (column === 'vserver')
    return { ...own, type, get: (row) => get(row) ?? desired.snapshot().cluster.name };
  const isKeyword = field.enum !== undefined || column === 'state';
  return {
    ...own,
    type: isKeyword ? 'keyword' : type,
    get: (row) => {
      const value = get(row);
      return column === 'action' && typeof value === 'string' ? inCli(value) : value;
    },
  };
}

function inCli(action: string): string {
  return [...cliActions].find(([name]) => name === action)?.[1] ?? action;
}

function only({ rows, observedAtMs, warning }: Rows<SaRow>, isWanted: (row: SaRow) => boolean): Rows<SaRow> {
  return {
    kind: 'rows',
    rows: {
      *[Symbol.iterator]() {
        for (const row of rows) if (isWanted(row)) yield row;
      },
    },
    ...(observedAtMs !== undefined && { observedAtMs }),
    ...(warning && { warning }),
  };
}
