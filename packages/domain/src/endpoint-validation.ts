import { addressBits, type Family, type IpAddress, isIpv4Mapped, parseAddress } from './ip-address.ts';
import { noHostIn } from './no-host.ts';
import type { EndpointDraft } from './policy-draft.ts';
import { formatPrefix, type Prefix, parseNetmask, prefixOf } from './prefix.ts';
import { combine, invalid, type Parsed, type Problem, quoted, valid } from './problem.ts';
import { problemKinds, problemOf, refusal } from './problem-kinds.ts';

/** Which end of a policy's traffic: ours or the peer's. */
export type Side = 'local' | 'remote';

const kindsOf = {
  local: {
    several: problemKinds.severalLocalSubnets,
    incomplete: problemKinds.localAddressWithoutNetmask,
    severalPorts: problemKinds.severalLocalPorts,
  },
  remote: {
    several: problemKinds.severalRemoteSubnets,
    incomplete: problemKinds.remoteAddressWithoutNetmask,
    severalPorts: problemKinds.severalRemotePorts,
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
    return refusal(problemKinds.emptySubnet, `${side}_endpoint.address`, { side });
  }
  if (address === '') {
    return refusal(kindsOf[side].incomplete, `${side}_endpoint.address`, {
      given: `${side}_endpoint.netmask ${quoted(netmask)}`,
      missing: 'an address',
      advice: `Send ${side}_endpoint.address with it.`,
    });
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
  const value = quoted(text);
  if (isList(text)) {
    const advice = `${form} Make one policy for each port.`;
    return refusal(kindsOf[side].severalPorts, target, { value, advice });
  }
  const [, from, to = from] = /^(-?(?:0|[1-9]\d*))(?:-(0|[1-9]\d*))?$/.exec(text) ?? [];
  if (from === undefined || to === undefined) {
    return refusal(problemKinds.invalidValue, target, { value, expected: 'a port', advice: form });
  }
  const ports = [Number(from), Number(to)];
  if (ports.some((port) => port < 0 || port > largestPort)) {
    const bounds = { value, most: `${largestPort}`, advice: form };
    return refusal(problemKinds.portOutOfRange, target, bounds);
  }
  if (from !== to) {
    const advice = `${form} Make one policy for each port.`;
    return refusal(problemKinds.portRange, target, { value, advice });
  }
  return valid(Number(from));
}

function parseEndpointAddress(side: Side, text: string): Parsed<IpAddress> {
  const target = `${side}_endpoint.address`;
  const value = quoted(text);
  if (namesSeveralAddresses(text)) {
    const advice = 'Send one address, and the netmask of its subnet, or make one policy for each.';
    return refusal(kindsOf[side].several, target, { value, advice });
  }
  const address = parseAddress(text);
  if (address === undefined) {
    const advice = addressAdvice(side, text);
    return refusal(problemKinds.invalidValue, target, { value, expected: 'an IP address', advice });
  }
  if (isIpv4Mapped(address)) {
    const why = `${value} is an IPv4 address written as IPv6, which no packet carries`;
    return refusal(problemKinds.unusableValue, target, { why, advice: 'Send it as IPv4.' });
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
    return refusal(kindsOf[side].incomplete, target, {
      given: `${side}_endpoint.address`,
      missing: 'a netmask',
      advice: `Send ${target} too: ${host} for this one host.`,
    });
  }
  const families: readonly Family[] = family === undefined ? ['ipv4', 'ipv6'] : [family];
  const length = families.map((one) => parseNetmask(text, one)).find((one) => one !== undefined);
  if (length !== undefined) return valid(length);
  const form = {
    ipv4: 'a prefix length from 0 to 32 or a contiguous mask such as 255.255.0.0',
    ipv6: 'a prefix length from 0 to 128',
  };
  const advice = families.map((one) => `for ${one === 'ipv4' ? 'IPv4' : 'IPv6'} ${form[one]}`).join(', ');
  return refusal(problemKinds.invalidValue, target, {
    value: quoted(text),
    expected: 'a netmask',
    advice: `Send ${advice}.`,
  });
}

/** The zero address and the zero length belong together: 0.0.0.0/0 and ::/0, as a remote subnet only. */
function wildcardProblem(side: Side, prefix: Prefix): Problem | undefined {
  const isZeroAddress = prefix.address === 0n;
  const isZeroLength = prefix.length === 0;
  const wildcard = prefix.family === 'ipv4' ? '0.0.0.0 with netmask 0' : ':: with netmask 0';
  if (isZeroAddress && !isZeroLength) {
    return problemOf(problemKinds.zeroAddressWithLength, `${side}_endpoint.netmask`, {
      length: `${prefix.length}`,
      advice:
        side === 'remote'
          ? `Send ${wildcard} for any remote, or a real address.`
          : 'Send an address of the local side.',
    });
  }
  if (isZeroLength && !isZeroAddress) {
    return problemOf(problemKinds.addressWithZeroLength, `${side}_endpoint.address`, {
      advice:
        side === 'remote'
          ? `Send ${wildcard} for any remote, or the netmask of the subnet you mean.`
          : 'Send the netmask of the local subnet.',
    });
  }
  return side === 'local' && isZeroLength
    ? problemOf(problemKinds.localZeroSubnet, 'local_endpoint.address', {})
    : undefined;
}

/** A packet's destination may be a group, so a remote one is for `selector-validation.ts`, which knows the action. */
function noHostProblem(side: Side, prefix: Prefix): Problem | undefined {
  const what = side === 'local' ? noHostIn(prefix) : undefined;
  return what === undefined
    ? undefined
    : problemOf(problemKinds.unusableValue, 'local_endpoint.address', {
        why: `${quoted(formatPrefix(prefix))} is ${what}`,
        advice: 'Send an address or subnet of the local side.',
      });
}

/** A list or a range that begins with an address; anything else in that place is no address at all. */
function namesSeveralAddresses(text: string): boolean {
  const [first = '', ...others] = text.split(/[\s,;-]+/).filter((part) => part !== '');
  return others.length > 0 && parseAddress(first.replace(/\/.*$/, '')) !== undefined;
}

function isList(text: string): boolean {
  return text.split(/[\s,;]+/).filter((part) => part !== '').length > 1;
}
