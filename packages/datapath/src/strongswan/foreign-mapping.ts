import {
  addressBits,
  hostPrefix,
  type Prefix,
  parseAddress,
  parsePrefix,
  prefixOf,
  protocols,
  type TrafficSelector,
} from '@esplanade/domain';
import type { Message } from '@esplanade/vici';
import type { ForeignChild, ForeignConnection, ForeignPeer } from '../foreign-connection.ts';

const everywhere: readonly Prefix[] = [
  prefixOf({ family: 'ipv4', value: 0n }, 0),
  prefixOf({ family: 'ipv6', value: 0n }, 0),
];

/** Protocols that charon calls by name on any system, with their numbers; ESP and AH are among them. */
const protocolNumbers: Readonly<Record<string, number>> = {
  ...protocols,
  'ipv6-icmp': protocols.icmpv6,
  esp: 50,
  ah: 51,
  gre: 47,
};

/** One side of a selector. Ports that are no single number count as any, as does a protocol of unknown name. */
interface Side {
  readonly prefix: Prefix;
  readonly protocol: number;
  readonly port: number;
}

/** A foreign connection as `list-conns` shows it. */
export function foreignConnection(name: string, section: Message): ForeignConnection {
  const local = endpoints(section.texts('local_addrs'));
  const remote = endpoints(section.texts('remote_addrs'));
  const children = (section.section('children')?.sections() ?? []).map(([child, settings]) =>
    foreignChild(child, settings, local, remote),
  );
  const negotiates = children.some(({ does }) => does === 'protect');
  return { name, children, ...(negotiates && { peer: peerOf(section, local, remote) }) };
}

function peerOf(section: Message, local: readonly Prefix[], remote: readonly Prefix[]): ForeignPeer {
  const localIdentity = section.section('local-1')?.text('id');
  const remoteIdentity = section.section('remote-1')?.text('id');
  return {
    local,
    remote,
    ...(isNamed(localIdentity) && { localIdentity }),
    ...(isNamed(remoteIdentity) && { remoteIdentity }),
  };
}

function isNamed(identity: string | undefined): identity is string {
  return identity !== undefined && identity !== '%any';
}

function foreignChild(
  name: string,
  settings: Message,
  local: readonly Prefix[],
  remote: readonly Prefix[],
): ForeignChild {
  const mode = settings.text('mode');
  const does = mode === 'PASS' ? 'bypass' : mode === 'DROP' ? 'discard' : 'protect';
  const locals = settings.texts('local-ts').flatMap((text) => sides(text, local));
  const remotes = settings.texts('remote-ts').flatMap((text) => sides(text, remote));
  const selectors = locals.flatMap((one) => remotes.flatMap((other) => selectorOf(one, other) ?? []));
  const given = Number(settings.text('priority') ?? '0');
  return { name, does, priority: given === 0 ? bestAutomatic(does, selectors) : given, selectors };
}

/**
 * What charon makes of no priority (source: kernel_netlink_ipsec.c): a base for each kind, less 512 for each bit of both
 * prefixes, less something below 1024 for protocol and ports.
 */
function bestAutomatic(does: ForeignChild['does'], selectors: readonly TrafficSelector[]): number {
  const base = { bypass: 200_000, protect: 400_000, discard: 600_000 }[does];
  const bits = Math.max(0, ...selectors.map(({ local, remote }) => local.length + remote.length));
  return base - 512 * bits - 1_024;
}

function selectorOf(local: Side, remote: Side): TrafficSelector | undefined {
  if (local.prefix.family !== remote.prefix.family) return undefined;
  const isContrary = local.protocol !== 0 && remote.protocol !== 0 && local.protocol !== remote.protocol;
  if (isContrary) return undefined;
  return {
    family: local.prefix.family,
    local: local.prefix,
    remote: remote.prefix,
    protocol: local.protocol || remote.protocol,
    localPort: local.port,
    remotePort: remote.port,
  };
}

/** Reads `10.9.0.0/24[tcp/80]`, `10.9.0.7..10.9.0.19`, `dynamic[udp]`: `dynamic` is IKE's own endpoint. */
function sides(text: string, dynamic: readonly Prefix[]): readonly Side[] {
  const [, addresses = '', protocolText = '', portText = ''] =
    /^([^[]+)(?:\[([^/\]]*)(?:\/([^\]]*))?\])?$/.exec(text) ?? [];
  const protocol = protocolNumbers[protocolText] ?? (/^\d+$/.test(protocolText) ? Number(protocolText) : 0);
  const hasPort = /^\d+$/.test(portText) && hasPorts(protocol);
  const port = hasPort ? Number(portText) : 0;
  const prefixes = addresses === 'dynamic' ? dynamic : endpoints([addresses]);
  return prefixes.map((prefix) => ({ prefix, protocol, port }));
}

/** Whether charon shows ports of this protocol; of ICMP it shows type and code in their place. */
function hasPorts(protocol: number): boolean {
  return protocol !== protocols.icmp && protocol !== protocols.icmpv6;
}

function endpoints(texts: readonly string[]): readonly Prefix[] {
  return texts.flatMap((text) => prefixesOf(text));
}

function prefixesOf(text: string): readonly Prefix[] {
  const [first = '', last] = text.split(/\.\.|-/);
  const from = parseAddress(first);
  const to = last === undefined ? undefined : parseAddress(last);
  if (from !== undefined && to !== undefined) return [commonPrefix(from.value, to.value, hostPrefix(from))];
  const prefix = parsePrefix(text) ?? (from === undefined ? undefined : hostPrefix(from));
  // `%any`, or a name to be resolved.
  return prefix === undefined ? everywhere : [prefix];
}

/** The narrowest prefix that holds a range. */
function commonPrefix(first: bigint, last: bigint, { family, address }: Prefix): Prefix {
  const different = first === last ? 0 : (first ^ last).toString(2).length;
  return prefixOf({ family, value: address }, addressBits(family) - different);
}
