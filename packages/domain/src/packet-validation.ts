import { type IpAddress, parseAddress } from './ip-address.ts';
import { combine, invalid, type Parsed, type Problem, quoted, valid, valueIfValid } from './problem.ts';
import { problemKinds, problemOf, refusal } from './problem-kinds.ts';
import { hasPorts, protocols, readProtocol } from './protocol.ts';
import type { Packet } from './traffic-selector.ts';

/** A packet as somebody wrote it down, to ask what would happen to it. */
export interface PacketDraft {
  readonly localAddress?: string;
  readonly remoteAddress?: string;
  /** `tcp`, `udp`, `icmp`, or a number. */
  readonly protocol?: string;
  readonly localPort?: string;
  readonly remotePort?: string;
  readonly icmpType?: string;
}

/**
 * Reads a packet, or says everything that is wrong with it. Nothing is guessed: what the SPD looks at must be given
 * (both ports where the protocol has such, the type of ICMPv6), because an answer for another packet would mislead.
 */
export function validatePacket(draft: PacketDraft): Parsed<Packet> {
  const parsed = {
    localAddress: address(draft.localAddress, 'local_address'),
    remoteAddress: address(draft.remoteAddress, 'remote_address'),
    protocol: protocol(draft.protocol),
    localPort: whole(draft.localPort, 'local_port', 65_535),
    remotePort: whole(draft.remotePort, 'remote_port', 65_535),
    icmpType: whole(draft.icmpType, 'icmp_type', 255),
  };
  const parts = combine(parsed);
  const number = valueIfValid(parsed.protocol);
  const local = valueIfValid(parsed.localAddress);
  const problems = [
    ...(parts.kind === 'invalid' ? parts.problems : []),
    ...familyProblems(local, valueIfValid(parsed.remoteAddress)),
    ...(number === undefined ? [] : shapeProblems(number, local, draft)),
  ];
  if (parts.kind === 'invalid' || problems.length > 0) return invalid(...problems);
  const { localPort, remotePort, icmpType, ...always } = parts.value;
  return valid({
    ...always,
    ...(localPort !== undefined && { localPort }),
    ...(remotePort !== undefined && { remotePort }),
    ...(icmpType !== undefined && { icmpType }),
  });
}

function address(text: string | undefined, target: string): Parsed<IpAddress> {
  const advice = `Send ${target} as IPv4, or IPv6 as in 2001:db8::1.`;
  if (text === undefined) return refusal(problemKinds.missingValue, target, { field: target, advice });
  const parsed = parseAddress(text);
  if (parsed !== undefined) return valid(parsed);
  const value = quoted(text);
  return refusal(problemKinds.invalidValue, target, { value, expected: 'an IP address', advice });
}

function protocol(text: string | undefined): Parsed<number> {
  const advice = 'Send tcp, udp, icmp, or a protocol number from 1 to 255 (58 for ICMPv6).';
  const number = text === undefined ? undefined : readProtocol(text);
  // A packet has one: "any" is for policies.
  if (number !== undefined && number !== protocols.any) return valid(number);
  const target = 'protocol';
  if (text === undefined) return refusal(problemKinds.missingValue, target, { field: target, advice });
  const value = quoted(text);
  return refusal(problemKinds.invalidValue, target, { value, expected: "a packet's protocol", advice });
}

function whole(text: string | undefined, target: string, most: number): Parsed<number | undefined> {
  if (text === undefined) return valid(undefined);
  if (/^\d{1,5}$/.test(text) && Number(text) <= most) return valid(Number(text));
  const advice = `Send a whole number from 0 to ${most}.`;
  const value = quoted(text);
  return refusal(problemKinds.invalidValue, target, { value, expected: `a ${target}`, advice });
}

function familyProblems(local: IpAddress | undefined, remote: IpAddress | undefined): readonly Problem[] {
  if (local === undefined || remote === undefined || local.family === remote.family) return [];
  return [
    unusable(
      'remote_address',
      'Both addresses must be of one family',
      'Send two IPv4 or two IPv6 addresses.',
    ),
  ];
}

/** What goes with the protocol and what does not. */
function shapeProblems(number: number, local: IpAddress | undefined, draft: PacketDraft): readonly Problem[] {
  const problems: Problem[] = [];
  const ports = { local_port: draft.localPort, remote_port: draft.remotePort };
  for (const [target, text] of Object.entries(ports)) {
    if (hasPorts(number) && text === undefined)
      problems.push(
        unusable(
          target,
          `Packets of protocol ${number} have ports, and policies look at them`,
          `Send ${target}.`,
        ),
      );
    if (!hasPorts(number) && text !== undefined)
      problems.push(unusable(target, `Packets of protocol ${number} have no ports`, `Leave ${target} out.`));
  }
  const isIcmp = number === protocols.icmp || number === protocols.icmpv6;
  if (!isIcmp && draft.icmpType !== undefined)
    problems.push(unusable('icmp_type', `Protocol ${number} is not ICMP`, 'Leave icmp_type out.'));
  if (number === protocols.icmpv6 && draft.icmpType === undefined)
    problems.push(
      unusable(
        'icmp_type',
        'Neighbour discovery is decided by its type',
        'Send icmp_type, 128 for an echo request.',
      ),
    );
  if (isIcmp && local !== undefined && (local.family === 'ipv6') !== (number === protocols.icmpv6))
    problems.push(
      unusable(
        'protocol',
        'ICMP is protocol icmp with IPv4 and 58 with IPv6',
        'Send the one of the addresses.',
      ),
    );
  return problems;
}

function unusable(target: string, why: string, advice: string): Problem {
  return problemOf(problemKinds.unusableValue, target, { why, advice });
}
