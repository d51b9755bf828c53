import { addressBits, type Family, type IpAddress, isIpv4Mapped, parseAddress } from './ip-address.ts';
import { noHostIn } from './no-host.ts';
import type { EndpointDraft } from './policy-draft.ts';
import { formatPrefix, type Prefix, parseNetmask, prefixOf } from './prefix.ts';
import { combine, invalid, type Parsed, type Problem, quoted, valid } from './problem.ts';
import { type ProblemCode, problemCodes } from './problem-codes.ts';

export type Side = 'local' | 'remote';

const codesOf = {
  local: {
    several: problemCodes.severalLocalSubnets,
    incomplete: problemCodes.localAddressWithoutNetmask,
    severalPorts: problemCodes.severalLocalPorts,
  },
  remote: {
    several: problemCodes.severalRemoteSubnets,
    incomplete: problemCodes.remoteAddressWithoutNetmask,
    severalPorts: problemCodes.severalRemotePorts,
  },
} as const;

const largestPort = 65_535;

/**
 * Reads an endpoint's address and netmask. Subnets are good on both sides, because the clients that exist send them
 * (decision 17): ONTAP's 66257120, "must be a host address", cannot occur.
 */
export function parseSubnet(side: Side, draft: EndpointDraft = {}): Parsed<Prefix> {
  const { address = '', netmask = '' } = draft;
  if (draft.address === '' || (address === '' && netmask === '')) {
    return refuse(
      problemCodes.emptySubnet,
      `${side}_endpoint.address`,
      `The ${side} subnet is empty. Send ${side}_endpoint.address and ${side}_endpoint.netmask.`,
    );
  }
  if (address === '') {
    return refuse(
      codesOf[side].incomplete,
      `${side}_endpoint.address`,
      `${side}_endpoint.netmask ${quoted(netmask)} is given without an address. Send ${side}_endpoint.address with it.`,
    );
  }
  const parsedAddress = parseEndpointAddress(side, address);
  const family = parsedAddress.kind === 'valid' ? parsedAddress.value.family : undefined;
  const length = parseEndpointNetmask(side, netmask, family);
  const parts = combine({ address: parsedAddress, length });
  if (parts.kind === 'invalid') return parts;
  const prefix = prefixOf(parts.value.address, parts.value.length);
  const problem = wildcardProblem(side, prefix) ?? noHostProblem(side, prefix);
  return problem === undefined ? valid(prefix) : invalid(problem);
}

/** Reads an endpoint's port: one port, or a range of one; absent is 0, any. */
export function parsePort(side: Side, text = '0'): Parsed<number> {
  const target = `${side}_endpoint.port`;
  const form = 'Send one port such as "2049" or "2049-2049", or "0" for any.';
  if (isList(text)) {
    const message = `${quoted(text)} names several ${side} ports and a policy has one. ${form} Make one policy for each port.`;
    return refuse(codesOf[side].severalPorts, target, message);
  }
  const [, from, to = from] = /^(-?(?:0|[1-9]\d*))(?:-(0|[1-9]\d*))?$/.exec(text) ?? [];
  if (from === undefined || to === undefined) {
    return refuse(problemCodes.invalidValue, target, `${quoted(text)} is not a port. ${form}`);
  }
  const ports = [Number(from), Number(to)];
  if (ports.some((port) => port < 0 || port > largestPort)) {
    return refuse(
      problemCodes.portOutOfRange,
      target,
      `${quoted(text)} is outside 0 to ${largestPort}. ${form}`,
    );
  }
  if (from !== to) {
    const message = `${quoted(text)} is a range of several ports and a policy has one. ${form} Make one policy for each port.`;
    return refuse(problemCodes.portRange, target, message);
  }
  return valid(Number(from));
}

function parseEndpointAddress(side: Side, text: string): Parsed<IpAddress> {
  const target = `${side}_endpoint.address`;
  if (namesSeveralAddresses(text)) {
    const message = `${quoted(text)} is more than one ${side} subnet and a policy has one. Send one address, and the netmask of its subnet, or make one policy for each.`;
    return refuse(codesOf[side].several, target, message);
  }
  const address = parseAddress(text);
  if (address === undefined) {
    return refuse(
      problemCodes.invalidValue,
      target,
      `${quoted(text)} is not an IP address. ${addressAdvice(side, text)}`,
    );
  }
  if (isIpv4Mapped(address)) {
    const message = `${quoted(text)} is an IPv4 address written as IPv6, which no packet carries. Send it as IPv4.`;
    return refuse(problemCodes.unusableValue, target, message);
  }
  return valid(address);
}

function addressAdvice(side: Side, text: string): string {
  if (text.includes('/')) return `Send the part after the / as ${side}_endpoint.netmask.`;
  if (text.includes('%')) return 'Send it without the zone after the %.';
  return 'Send IPv4 as four decimal numbers without leading zeros, or IPv6 as in 2001:db8::1; names are not looked up.';
}

/** `family` is undefined when the address could not be read: then any netmask that fits some family is let pass. */
function parseEndpointNetmask(side: Side, text: string, family: Family | undefined): Parsed<number> {
  const target = `${side}_endpoint.netmask`;
  if (text === '') {
    const host = family === undefined ? '32 (IPv4) or 128 (IPv6)' : addressBits(family);
    const message = `${side}_endpoint.address is given without a netmask. Send ${target} too: ${host} for this one host.`;
    return refuse(codesOf[side].incomplete, target, message);
  }
  const families: readonly Family[] = family === undefined ? ['ipv4', 'ipv6'] : [family];
  const length = families.map((one) => parseNetmask(text, one)).find((one) => one !== undefined);
  if (length !== undefined) return valid(length);
  const form = {
    ipv4: 'a prefix length from 0 to 32 or a contiguous mask such as 255.255.0.0',
    ipv6: 'a prefix length from 0 to 128',
  };
  const advice = families.map((one) => `for ${one === 'ipv4' ? 'IPv4' : 'IPv6'} ${form[one]}`).join(', ');
  return refuse(problemCodes.invalidValue, target, `${quoted(text)} is not a netmask. Send ${advice}.`);
}

/** The zero address and the zero length belong together: 0.0.0.0/0 and ::/0, as a remote subnet only. */
function wildcardProblem(side: Side, prefix: Prefix): Problem | undefined {
  const isZeroAddress = prefix.address === 0n;
  const isZeroLength = prefix.length === 0;
  const wildcard = prefix.family === 'ipv4' ? '0.0.0.0 with netmask 0' : ':: with netmask 0';
  if (isZeroAddress !== isZeroLength) {
    return {
      code: problemCodes.malformedWildcard,
      target: isZeroAddress ? `${side}_endpoint.netmask` : `${side}_endpoint.address`,
      message: isZeroAddress
        ? `The zero address stands only for any address, not for a subnet of length ${prefix.length}. ${side === 'remote' ? `Send ${wildcard} for any remote, or a real address.` : 'Send an address of the local side.'}`
        : `A netmask of 0 covers every address. ${side === 'remote' ? `Send ${wildcard} for any remote, or the netmask of the subnet you mean.` : 'Send the netmask of the local subnet.'}`,
    };
  }
  if (side === 'local' && isZeroLength) {
    return {
      code: problemCodes.localZeroSubnet,
      target: 'local_endpoint.address',
      message: 'The local subnet cannot be every address. Send an address or subnet of the local side.',
    };
  }
  return undefined;
}

/** A packet's destination may be a group, so a remote one is for `selector-validation.ts`, which knows the action. */
function noHostProblem(side: Side, prefix: Prefix): Problem | undefined {
  const what = side === 'local' ? noHostIn(prefix) : undefined;
  return what === undefined
    ? undefined
    : {
        code: problemCodes.unusableValue,
        target: 'local_endpoint.address',
        message: `${quoted(formatPrefix(prefix))} is ${what}. Send an address or subnet of the local side.`,
      };
}

/** A list or a range that begins with an address; anything else in that place is no address at all. */
function namesSeveralAddresses(text: string): boolean {
  const [first = '', ...others] = text.split(/[\s,;-]+/).filter((part) => part !== '');
  return others.length > 0 && parseAddress(first.replace(/\/.*$/, '')) !== undefined;
}

function isList(text: string): boolean {
  return text.split(/[\s,;]+/).filter((part) => part !== '').length > 1;
}

function refuse(code: ProblemCode, target: string, message: string): Parsed<never> {
  return invalid({ code, target, message });
}
