import { anyIdentity, type Identity, identityKey } from './identity.ts';
import { formatAddress } from './ip-address.ts';
import type { IpsecPolicy } from './policy.ts';
import { addressOf, formatPrefix, isHostPrefix, networkOf } from './prefix.ts';

/** Who we say we are, and whom we expect. */
export interface PeerIdentities {
  readonly local: Identity;
  readonly remote: Identity;
}

/**
 * The identities IKE uses for a policy. What the user left out is the address of that side where there is one; a
 * local network without host bits, or a remote that is more than one host, has none and is `any` (of our own side:
 * whichever address the IKE SA runs on).
 */
export function effectiveIdentities(
  policy: Pick<IpsecPolicy, 'selector' | 'localIdentity' | 'remoteIdentity'>,
): PeerIdentities {
  const { local, remote } = policy.selector;
  const localHasHost = isHostPrefix(local) || local.address !== networkOf(local).address;
  return {
    local:
      policy.localIdentity ?? (localHasHost ? textIdentity(formatAddress(addressOf(local))) : anyIdentity),
    remote:
      policy.remoteIdentity ??
      (isHostPrefix(remote) ? textIdentity(formatAddress(addressOf(remote))) : anyIdentity),
  };
}

function textIdentity(text: string): Identity {
  return { kind: 'text', text };
}

/**
 * What IKE can tell peers apart by: IPspace, masked prefixes, effective identities as IKE compares them, and the kind
 * of authentication. Two enabled policies with equal keys but different pre-shared keys would offer a peer two secrets
 * for one identity, so the second is refused when written (decision 3). Contains no secret.
 */
export function peerKey(
  policy: Pick<IpsecPolicy, 'ipspace' | 'selector' | 'localIdentity' | 'remoteIdentity' | 'authentication'>,
): string {
  const { local, remote } = effectiveIdentities(policy);
  return JSON.stringify([
    policy.ipspace.uuid,
    formatPrefix(networkOf(policy.selector.local)),
    formatPrefix(networkOf(policy.selector.remote)),
    identityKey(local),
    identityKey(remote),
    policy.authentication.kind,
  ]);
}
