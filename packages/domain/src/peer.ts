import { effectiveIdentities, formatIdentity } from './identity.ts';
import type { IpsecPolicy } from './policy.ts';
import { formatPrefix, networkOf } from './prefix.ts';

/**
 * What IKE can tell peers apart by: IPspace, masked prefixes, effective identities and the kind of authentication.
 * Two enabled policies with equal keys but different pre-shared keys would offer a peer two secrets for one identity,
 * so the second is refused when written (decision 3). Contains no secret.
 */
export function peerKey(
  policy: Pick<IpsecPolicy, 'ipspace' | 'selector' | 'localIdentity' | 'remoteIdentity' | 'authentication'>,
): string {
  const { local, remote } = effectiveIdentities(policy);
  return JSON.stringify([
    policy.ipspace.uuid,
    formatPrefix(networkOf(policy.selector.local)),
    formatPrefix(networkOf(policy.selector.remote)),
    formatIdentity(local),
    formatIdentity(remote),
    policy.authentication.kind,
  ]);
}
