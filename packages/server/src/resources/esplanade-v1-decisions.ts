import type { DesiredSnapshot } from '@esplanade/desired';
import { type PacketDraft, validatePacket } from '@esplanade/domain';
import {
  type ApiFailure,
  type ExtensionParameter,
  failureOf,
  isFailure,
  type Principal,
  type Rows,
  type TableResource,
} from '@esplanade/ontap';
import { type DecisionRow, decisionRows, entryKinds, outcomes, verdicts } from './decision-rows.ts';
import { packetErrors } from './ipsec-write-errors.ts';
import { protectionFields } from './protection-fields.ts';
import { referenceFields } from './reference-fields.ts';
import type { ResourceParts } from './resource-parts.ts';
import { defaultIpspace, namedIpspace } from './svm-reference.ts';

/**
 * `/esplanade/v1/decisions`: what happens to a packet, and why. The records are all entries of the IPspace's SPD in the
 * order in which they are asked, each with what came of asking it; exactly one decides.
 */
export function esplanadeDecisions(parts: ResourceParts): TableResource<DecisionRow> {
  return {
    kind: 'table',
    path: '/esplanade/v1/decisions',
    svmAccess: ['GET'],
    title: 'What happens to a packet, and why',
    keys: ['position'],
    fields: {
      position: { type: 'integer', description: 'Place in the order, from 1.', get: (row) => row.position },
      outcome: {
        type: 'string',
        description:
          'decides: it is the first that matches. outranked: it matches, but another comes first. no_match. shadowed: not loaded, an older policy has the same selector. disabled: not loaded.',
        enum: outcomes,
        isDefault: true,
        get: (row) => row.outcome,
      },
      verdict: {
        type: 'string',
        description:
          'What it does with packets: protect is ESP or nothing, no_policy is that IPsec has no say and the packet passes.',
        enum: verdicts,
        isDefault: true,
        get: (row) => row.verdict,
      },
      entry: {
        type: 'string',
        description:
          'policy; ike, ipv4_to_oneself (Linux gives IPv4 packets of a host to itself to no policy) or ipv6_neighbour_discovery, implied in each IPspace; none, for no entry.',
        enum: entryKinds,
        isDefault: true,
        get: (row) => row.entry,
      },
      ...referenceFields<DecisionRow>('policy', 'the policy', ({ policy }) => policy, { isDefault: true }),
      reason: {
        type: 'string',
        description: 'What came of asking it, a sentence.',
        isDefault: true,
        get: (row) => row.reason,
      },
      mismatch: {
        type: 'string',
        description:
          'The first part of its selector that the packet does not match, also where it is not loaded.',
        enum: ['local_address', 'remote_address', 'protocol', 'local_port', 'remote_port', 'icmp_type'],
        get: (row) => row.mismatch,
      },
      ...referenceFields<DecisionRow>(
        'shadowed_by',
        'the policy that is loaded instead',
        (row) => row.shadowedBy,
      ),
      priority: {
        type: 'integer',
        description: 'Its number in the kernel: the lowest that matches decides.',
        get: (row) => row.priority,
      },
      ...protectionFields(parts.carriers),
    },
    examples: {
      record: {
        outcome: 'decides',
        verdict: 'protect',
        entry: 'policy',
        reason: 'It is the first that matches.',
        mismatch: undefined,
        'shadowed_by.name': undefined,
        'shadowed_by.uuid': undefined,
      },
    },
    errors: packetErrors,
    parameters: packetParameters,
    list: (principal, parameters) => rowsFor(parts, principal, parameters),
  };
}

const packetParameters: readonly ExtensionParameter[] = [
  parameter('ipspace.name', 'IPspace whose policies are asked; Default, or that of the SVM, if not given.'),
  required('local_address', 'Address of our side, whichever way the packet goes. Required.', '192.0.2.1'),
  required('remote_address', 'Address of the other side. Required.', '192.0.2.2'),
  required('protocol', 'tcp, udp, icmp, or a protocol number. Required.', '47'),
  parameter('local_port', 'Port of our side; required where the protocol has ports.'),
  parameter('remote_port', 'Port of the other side; required where the protocol has ports.'),
  parameter('icmp_type', 'Type of an ICMP packet; required for ICMPv6.'),
];

function parameter(name: string, description: string): ExtensionParameter {
  return { name, methods: ['GET'], description };
}

function required(name: string, description: string, example: string): ExtensionParameter {
  return { ...parameter(name, description), isRequired: true, example };
}

function rowsFor(
  { desired, spds }: ResourceParts,
  principal: Principal,
  parameters: ReadonlyMap<string, string>,
): Rows<DecisionRow> | ApiFailure {
  const snapshot = desired.snapshot();
  const ipspace = askedIpspace(snapshot, principal, parameters);
  const packet = validatePacket(packetDraft(parameters));
  if (isFailure(ipspace)) return ipspace;
  if (packet.kind === 'invalid') return failureOf(packet.problems) ?? unexplained();
  const question = { packet: packet.value, spd: spds.of(ipspace.uuid), snapshot, principal };
  return { kind: 'rows', rows: decisionRows(question), inKeyOrder: true };
}

function unexplained(): never {
  throw new Error('validation found a packet invalid without saying why');
}

/** An SVM is in one IPspace and may ask about that alone. */
function askedIpspace(
  snapshot: DesiredSnapshot,
  principal: Principal,
  parameters: ReadonlyMap<string, string>,
): { readonly uuid: string } | ApiFailure {
  const { svmUuid } = principal;
  const own = svmUuid === undefined ? undefined : snapshot.svms.get(svmUuid)?.value.ipspace;
  const named = namedIpspace(parameters, snapshot, principal);
  if (isFailure(named)) return named;
  return named ?? own ?? defaultIpspace(snapshot);
}

function packetDraft(parameters: ReadonlyMap<string, string>): PacketDraft {
  const given = (name: string, member: keyof PacketDraft): PacketDraft => {
    const text = parameters.get(name);
    return text === undefined ? {} : { [member]: text };
  };
  return {
    ...given('local_address', 'localAddress'),
    ...given('remote_address', 'remoteAddress'),
    ...given('protocol', 'protocol'),
    ...given('local_port', 'localPort'),
    ...given('remote_port', 'remotePort'),
    ...given('icmp_type', 'icmpType'),
  };
}
