import type { DesiredSnapshot } from '@esplanade/desired';
import {
  type Decision,
  decide,
  type IpsecPolicy,
  isProtecting,
  matchesPacket,
  type Packet,
  parseAddress,
  protocols,
  spdOf,
} from '@esplanade/domain';
import {
  type ApiFailure,
  type ExtensionParameter,
  failure,
  type Principal,
  type WriteContext,
} from '@esplanade/ontap';
import type { Reconciler } from '@esplanade/reconciler';
import { installedSa } from './installed-sa.ts';
import { ipsecErrors } from './ipsec-error-codes.ts';
import type { Carriers } from './resource-parts.ts';
import { defaultIpspace } from './svm-reference.ts';
import { isVisible } from './visible-policies.ts';

/** The extension parameter of every write that may cut off the connection it came over. */
export function forceParameter(...methods: ExtensionParameter['methods']): ExtensionParameter {
  return {
    name: 'force',
    methods,
    type: 'boolean',
    description: 'true: do it even if it cuts off the connection this request came over.',
  };
}

/** What a write would make of the desired state, as far as one connection may notice. */
export interface Proposal {
  readonly policies: Iterable<IpsecPolicy>;
  readonly ipsecEnabled: boolean;
}

/**
 * Refuses a write that would cut off the connection it came over (decision 16): afterwards a policy would decide for
 * that connection's packets with discard, or with ESP that is not up, and none does so now. The server lives in the
 * host's own namespace, so only policies of its IPspace are asked.
 */
export function lockOutFailure(
  proposal: Proposal,
  now: DesiredSnapshot,
  context: WriteContext,
  carriers: Carriers,
): ApiFailure | undefined {
  const packet = connectionPacket(context);
  if (packet === undefined || isForced(context)) return undefined;
  const { uuid: ipspaceUuid } = defaultIpspace(now);
  const reconciler = carriers.of(ipspaceUuid)?.reconciler;
  const present = [...now.policies.values()].map(({ value }) => value);
  const obstacleOf = (policies: Iterable<IpsecPolicy>, ipsecEnabled: boolean): string | undefined => {
    const concerned = [...policies].filter(
      (policy) =>
        policy.ipspace.uuid === ipspaceUuid && policy.enabled && matchesPacket(policy.selector, packet),
    );
    return obstacle(
      decide(spdOf(concerned), packet, { ipsecEnabled }),
      packet,
      reconciler,
      context.principal,
    );
  };
  const why = obstacleOf(proposal.policies, proposal.ipsecEnabled);
  if (why === undefined || obstacleOf(present, now.ipsec.value.enabled) !== undefined) return undefined;
  const connection = `${context.remoteAddress} port ${context.remotePort} to ${context.localAddress} port ${context.localPort}`;
  return failure(ipsecErrors.wouldLockOut, { connection, why });
}

/** Whether a policy is about the connection a write came over at all: a cheap look before the full one. */
export function concernsConnection(policy: IpsecPolicy, context: WriteContext): boolean {
  const packet = connectionPacket(context);
  return packet !== undefined && matchesPacket(policy.selector, packet);
}

function isForced(context: WriteContext): boolean {
  return context.parameters.get('force') === 'true';
}

/** The packets of the connection a request came over, as the SPD sees them; `undefined` when it came over none. */
function connectionPacket(context: WriteContext): Packet | undefined {
  const localAddress = parseAddress(context.localAddress ?? '');
  const remoteAddress = parseAddress(context.remoteAddress ?? '');
  const { localPort, remotePort } = context;
  if (localAddress === undefined || remoteAddress === undefined) return undefined;
  if (localPort === undefined || remotePort === undefined) return undefined;
  return { localAddress, remoteAddress, protocol: protocols.tcp, localPort, remotePort };
}

/** Why the packet would not get through, a clause; `undefined` when it would. */
function obstacle(
  decision: Decision,
  packet: Packet,
  reconciler: Reconciler | undefined,
  principal: Principal,
): string | undefined {
  if (decision.verdict === 'no-policy' || decision.by.kind === 'implied') return undefined;
  const { policy } = decision.by;
  const called = isVisible({ value: policy }, principal)
    ? `policy "${policy.name}"`
    : 'a policy of another SVM';
  if (policy.action === 'discard') return `${called} would discard it`;
  if (!isProtecting(policy.action)) return undefined;
  if (installedSa(policy, packet.remoteAddress, reconciler) === 'installed') return undefined;
  return `${called} would ask ESP for it, and no SA with that host is up`;
}
