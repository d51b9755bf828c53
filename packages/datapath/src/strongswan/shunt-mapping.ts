import {
  blockPriority,
  formatPrefix,
  neighbourDiscoveryPriority,
  neighbourDiscoveryTypes,
  networkOf,
  type PolicyUuid,
  type Prefix,
  protocols,
  protocolsOf,
  selectorKey,
  type TrafficSelector,
} from '@esplanade/domain';
import { digestOf } from '../entry-fingerprint.ts';
import { blockConnectionName, childName, neighbourDiscoveryName } from './names.ts';

/** A child's settings in charon's words, as `load-conn` takes them. */
export type ChildSettings = { readonly [name: string]: string | readonly string[] };

/** A section of `load-conn`: a connection's settings with its children. */
export interface LoadableConnection {
  readonly name: string;
  readonly settings: { readonly [name: string]: string | readonly string[] | ChildSettings };
  readonly children: { readonly [name: string]: ChildSettings };
}

/** Traffic selectors of a policy for charon, one of each protocol: charon pairs them by protocol, never across. */
export function selectorSettings(selector: TrafficSelector): {
  readonly local_ts: readonly string[];
  readonly remote_ts: readonly string[];
} {
  const each = (prefix: Prefix, port: number) =>
    protocolsOf(selector).map(
      (protocol) => `${formatPrefix(networkOf(prefix))}${portSuffix(protocol, port)}`,
    );
  return {
    local_ts: each(selector.local, selector.localPort),
    remote_ts: each(selector.remote, selector.remotePort),
  };
}

function portSuffix(protocol: number, port: number): string {
  if (protocol === protocols.any) return '';
  return port === 0 ? `[${protocol}]` : `[${protocol}/${port}]`;
}

/** A connection that never negotiates: its children pass or drop. */
export function shuntConnection(
  name: string,
  children: { readonly [name: string]: ChildSettings },
): LoadableConnection {
  // Without an address charon would offer the connection to any peer.
  return { name, settings: { version: '2', remote_addrs: ['127.0.0.1'] }, children };
}

/** A child that passes or drops what its selector matches. */
export function shuntChild(
  mode: 'pass' | 'drop',
  priority: number,
  selector: { readonly local_ts: readonly string[]; readonly remote_ts: readonly string[] },
): ChildSettings {
  return { mode, start_action: 'trap', priority: String(priority), ...selector };
}

/** The block beneath a policy (decision 5): it depends on the selector alone, so most changes leave it where it is. */
export function blockConnection(policyUuid: PolicyUuid, selector: TrafficSelector): LoadableConnection {
  const form = { policyUuid, fingerprint: digestOf([selectorKey(selector)]) };
  const child = shuntChild('drop', blockPriority, selectorSettings(selector));
  return shuntConnection(blockConnectionName(form), { [childName(form)]: child });
}

/**
 * The bypasses for IPv6 neighbour discovery (decision 2). Charon carries an ICMP type in the upper byte of a port; one
 * child per type, because several in one child would be paired type by type.
 */
export function neighbourDiscoveryConnection(): LoadableConnection {
  const children = neighbourDiscoveryTypes.map((type) => {
    const everywhere = `::/0[${protocols.icmpv6}/${type << 8}-${(type << 8) | 0xff}]`;
    const selector = { local_ts: [everywhere], remote_ts: [everywhere] };
    return [`type-${type}`, shuntChild('pass', neighbourDiscoveryPriority, selector)] as const;
  });
  return shuntConnection(neighbourDiscoveryName, Object.fromEntries(children));
}

/**
 * A mark that no packet needs to carry (value 0 under a bit nobody sets) makes a kernel policy distinct from an
 * unmarked one of the same selector. So the guard's policies stay when charon's own go.
 */
const guardMark = '0/0x80000000';

/**
 * A shunt connection as the guard takes it. Never for charon itself: one charon does not tell the marked policy from its
 * own unmarked one, and leaves either in the kernel when the other goes (tried on 5.9.8).
 */
export function markedForGuard(connection: LoadableConnection): LoadableConnection {
  const children = Object.entries(connection.children).map(
    ([name, child]) => [name, { ...child, mark_in: guardMark, mark_out: guardMark }] as const,
  );
  return { ...connection, children: Object.fromEntries(children) };
}
