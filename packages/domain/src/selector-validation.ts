import { parsePort, parseSubnet, type Side } from './endpoint-validation.ts';
import type { Family } from './ip-address.ts';
import { noHostIn } from './no-host.ts';
import { isProtecting, type PolicyAction } from './policy.ts';
import type { PolicyDraft } from './policy-draft.ts';
import { formatPrefix, type Prefix } from './prefix.ts';
import { combine, invalid, type Parsed, type Problem, quoted, valid, valueIfValid } from './problem.ts';
import { problemKinds, problemOf, refusal } from './problem-kinds.ts';
import { formatProtocol, hasPorts, protocols, readProtocol } from './protocol.ts';
import { onlyToOneself } from './to-oneself.ts';
import type { TrafficSelector } from './traffic-selector.ts';

/**
 * Reads what a draft is about: both subnets, both ports and the protocol, and whether they go together and with the
 * action, where that is known. What goes together is checked on whatever could be read, so that the user learns
 * everything at once.
 */
export function parseSelector(draft: PolicyDraft, action?: PolicyAction): Parsed<TrafficSelector> {
  const parsed = {
    local: parseSubnet('local', draft.localEndpoint),
    localPort: parsePort('local', draft.localEndpoint?.port),
    remote: parseSubnet('remote', draft.remoteEndpoint),
    remotePort: parsePort('remote', draft.remoteEndpoint?.port),
    protocol: parseProtocol(draft.protocol),
  };
  const parts = combine(parsed);
  const local = valueIfValid(parsed.local);
  const remote = valueIfValid(parsed.remote);
  const localPort = valueIfValid(parsed.localPort);
  const remotePort = valueIfValid(parsed.remotePort);
  const protocol = valueIfValid(parsed.protocol);
  const problems = [
    ...(parts.kind === 'invalid' ? parts.problems : []),
    ...familyProblems(local, remote),
    ...icmpProblems(protocol, local?.family ?? remote?.family),
    ...espUdpProblems(action, local?.family ?? remote?.family),
    ...groupProblems(action, remote),
    ...toOneselfProblems(action, local, remote),
    ...portProblems('local', localPort, protocol),
    ...portProblems('remote', remotePort, protocol),
    ...wildcardProblems(remote, localPort, remotePort),
  ];
  if (parts.kind === 'invalid' || problems.length > 0) return invalid(...problems);
  return valid({ family: parts.value.local.family, ...parts.value });
}

/** Reads `protocol`: `any`, `tcp`, `udp`, `icmp` in any case, or a number from 0 (any) to 255; absent is any. */
export function parseProtocol(text = 'any'): Parsed<number> {
  const form = 'Send any, tcp, udp, icmp, or a protocol number from 1 to 255 (58 for ICMPv6).';
  const target = 'protocol';
  const value = quoted(text);
  const isRange = /^\d+-\d+$/.test(text);
  if (isRange || text.split(/[\s,;/|]+/).filter((part) => part !== '').length > 1) {
    const advice = `${form} Make one policy for each protocol.`;
    return refusal(problemKinds.severalProtocols, target, { value, advice });
  }
  const number = readProtocol(text);
  if (number !== undefined) return valid(number);
  return refusal(problemKinds.invalidValue, target, { value, expected: 'a protocol', advice: form });
}

function familyProblems(local: Prefix | undefined, remote: Prefix | undefined): readonly Problem[] {
  if (local === undefined || remote === undefined || local.family === remote.family) return [];
  return [
    problemOf(problemKinds.unusableValue, 'remote_endpoint.address', {
      why: `The local endpoint is ${familyName(local)} and the remote endpoint is ${familyName(remote)}`,
      advice: 'Send both of one family.',
    }),
  ];
}

function icmpProblems(protocol: number | undefined, family: Family | undefined): readonly Problem[] {
  const problem = (why: string, advice: string) => [
    problemOf(problemKinds.unusableValue, 'protocol', { why, advice }),
  ];
  if (protocol === protocols.icmp && family === 'ipv6') {
    return problem('Protocol 1 is ICMP for IPv4 and the endpoints are IPv6', 'Send 58, ICMPv6.');
  }
  if (protocol === protocols.icmpv6 && family === 'ipv4') {
    return problem('Protocol 58 is ICMPv6 and the endpoints are IPv4', 'Send icmp.');
  }
  return [];
}

function espUdpProblems(action: PolicyAction | undefined, family: Family | undefined): readonly Problem[] {
  if (action !== 'esp_udp' || family !== 'ipv6') return [];
  return [problemOf(problemKinds.espUdpOverIpv6, 'action', {})];
}

/** ESP needs a remote that IKE can talk to; bypass and discard are good for groups too. */
function groupProblems(action: PolicyAction | undefined, remote: Prefix | undefined): readonly Problem[] {
  if (action === undefined || !isProtecting(action) || remote === undefined) return [];
  const what = remote.length === 0 ? undefined : noHostIn(remote);
  if (what === undefined) return [];
  return [
    problemOf(problemKinds.unusableValue, 'remote_endpoint.address', {
      why: `${quoted(formatPrefix(remote))} is ${what}, and IKE negotiates with hosts`,
      advice: 'Send the address or subnet of the remote hosts, or action bypass or discard.',
    }),
  ];
}

/**
 * Linux gives IPv4 packets to oneself to no policy, and IPv6 packets to bypass and discard; nobody negotiates with
 * himself.
 */
function toOneselfProblems(
  action: PolicyAction | undefined,
  local: Prefix | undefined,
  remote: Prefix | undefined,
): readonly Problem[] {
  const found = local && remote && onlyToOneself(local, remote);
  if (found === undefined || local?.family !== remote?.family) return [];
  const isIpv4 = remote?.family === 'ipv4';
  if (!isIpv4 && (action === undefined || !isProtecting(action))) return [];
  const because = isIpv4
    ? 'Linux applies no IPsec to IPv4 packets that a host sends to itself'
    : 'a host does not negotiate IKE with itself';
  return [
    problemOf(problemKinds.unusableValue, `${found.side}_endpoint.address`, {
      why: `${found.why}, and ${because}`,
      advice: `Send an address by which hosts reach each other${isIpv4 ? '' : ', or action bypass or discard'}.`,
    }),
  ];
}

/** A port with a protocol that has none: the kernel would compare ICMP types, or nothing, with it. */
function portProblems(
  side: Side,
  port: number | undefined,
  protocol: number | undefined,
): readonly Problem[] {
  if (!port || !protocol || hasPorts(protocol)) return [];
  return [
    problemOf(problemKinds.unusableValue, `${side}_endpoint.port`, {
      why: `Protocol ${formatProtocol(protocol)} has no ports that a policy could select, and this policy has ${side} port ${port}, sent now or before`,
      advice: `Send ${side}_endpoint.port "0", or protocol tcp, udp, any (TCP and UDP on that port), 33 (DCCP), 132 (SCTP) or 136 (UDP-Lite).`,
    }),
  ];
}

function wildcardProblems(
  remote: Prefix | undefined,
  localPort: number | undefined,
  remotePort: number | undefined,
): readonly Problem[] {
  if (remote?.length !== 0 || localPort !== 0 || remotePort !== 0) return [];
  return [problemOf(problemKinds.wildcardWithoutPort, 'remote_endpoint.address', {})];
}

function familyName(prefix: Prefix): string {
  return prefix.family === 'ipv4' ? 'IPv4' : 'IPv6';
}
