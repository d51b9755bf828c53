import {
  effectiveIdentities,
  type Identity,
  isProtecting,
  overlaps,
  type Prefix,
  type SpdEntry,
  selectorKey,
  selectorsOverlap,
  type TrafficSelector,
} from '@esplanade/domain';

/**
 * A connection in the daemon that is not ours. It is left alone; this is what may get in the way of ours. Where the
 * daemon does not show it exactly, it is taken for the widest it may be.
 */
export interface ForeignConnection {
  readonly name: string;
  /** Whom it negotiates with; absent when it never does. */
  readonly peer?: ForeignPeer;
  readonly children: readonly ForeignChild[];
}

/** The ends of IKE. No identity stands for any. */
export interface ForeignPeer {
  readonly local: readonly Prefix[];
  readonly remote: readonly Prefix[];
  readonly localIdentity?: string;
  readonly remoteIdentity?: string;
}

/** What a foreign connection does with which packets. */
export interface ForeignChild {
  readonly name: string;
  readonly does: 'protect' | 'bypass' | 'discard';
  /** The best number in the kernel that it may have: the lowest decides. */
  readonly priority: number;
  readonly selectors: readonly TrafficSelector[];
}

/** How a foreign connection gets in the way of an entry, as sentences for an operator. */
export function clashesWith(entry: SpdEntry, foreign: ForeignConnection): readonly string[] {
  const clashes = foreign.children.flatMap((child) => childClash(entry, foreign.name, child) ?? []);
  return hasSamePeer(entry, foreign.peer)
    ? [
        ...clashes,
        `The connection "${foreign.name}" is not ours and has the same addresses and identities: what the remote begins may end there and find no SA for this policy.`,
      ]
    : clashes;
}

function childClash({ policy, priority }: SpdEntry, name: string, child: ForeignChild): string | undefined {
  const whose = `"${child.name}" of the connection "${name}", which is not ours,`;
  const common = child.selectors.filter((selector) => selectorsOverlap(selector, policy.selector));
  if (common.length === 0) return undefined;
  if (child.priority <= priority)
    return `${whose} comes first for some or all of its packets, and would ${child.does} them.`;
  const key = selectorKey(policy.selector);
  const isSame = common.some((selector) => selectorKey(selector) === key);
  return isSame && child.does === 'protect' && isProtecting(policy.action)
    ? `${whose} has the same selector: the daemon may negotiate SAs with its settings.`
    : undefined;
}

function hasSamePeer({ policy }: SpdEntry, peer: ForeignPeer | undefined): boolean {
  if (peer === undefined || !isProtecting(policy.action)) return false;
  const { local, remote } = policy.selector;
  const identities = effectiveIdentities(policy);
  return (
    peer.local.some((prefix) => overlaps(prefix, local)) &&
    peer.remote.some((prefix) => overlaps(prefix, remote)) &&
    isSameIdentity(identities.local, peer.localIdentity) &&
    isSameIdentity(identities.remote, peer.remoteIdentity)
  );
}

function isSameIdentity(ours: Identity, theirs: string | undefined): boolean {
  return theirs === undefined || ours.kind === 'any' || ours.text === theirs;
}
