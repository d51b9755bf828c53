import {
  addressBits,
  effectiveIdentities,
  formatAddress,
  formatIdentity,
  type Identity,
  type IpAddress,
  identityKey,
  parseAddress,
  problemOf,
} from '@esplanade/domain';
import type { DocumentWrite } from '@esplanade/store';
import { holdInterfaces, owningInterfaces } from './address-ownership.ts';
import type { NewPolicy } from './desired-state.ts';
import { keys } from './keys.ts';
import { absent, at, type Held, type Present, refuse } from './plan.ts';
import { refusalKinds } from './refusal-kinds.ts';

/**
 * What keeps the addresses among the identities of an SVM's pre-shared key from being those of others until it is
 * committed. IKE tries a key for every policy that has one of its identities, so ours may be an address of the SVM alone,
 * the remote's no address of ours that is not the SVM's, and one of the two there must be. Named identities are agreed
 * on instead (agreements.ts).
 */
export function holdIdentities(present: Present, policy: NewPolicy): Held {
  const { scope, ipspace, authentication, localIdentity } = policy;
  if (scope.kind === 'cluster' || authentication.kind !== 'psk') return { kind: 'held', writes: [] };
  const { local, remote } = effectiveIdentities(policy);
  if (local.kind === 'any' && remote.kind === 'any')
    return {
      kind: 'refused',
      step: refuse(problemOf(refusalKinds.noIdentity, 'local_endpoint.address', {})),
    };
  const own = localIdentity && addressIn(localIdentity);
  const interfaces =
    own &&
    owningInterfaces(
      present,
      { family: own.family, address: own.value, length: addressBits(own.family) },
      { svmUuid: scope.svm.uuid, ipspaceUuid: ipspace.uuid },
    );
  if (own !== undefined && interfaces === undefined) {
    const values = { local: formatAddress(own), svm: scope.svm.name };
    return {
      kind: 'refused',
      step: refuse(problemOf(refusalKinds.identityNotOwned, 'local_identity', values)),
    };
  }
  const theirs = addressIn(remote);
  const key = theirs && keys.address(ipspace.uuid, formatAddress(theirs));
  const held = key === undefined ? [] : holdForeign(present, key, scope.svm.uuid);
  if (held === undefined) {
    const values = { identity: formatIdentity(remote), svm: scope.svm.name };
    return {
      kind: 'refused',
      step: refuse(problemOf(refusalKinds.identityOfAnotherInterface, 'remote_identity', values)),
    };
  }
  return { kind: 'held', writes: [...holdInterfaces(interfaces ?? []), ...held] };
}

/** What keeps an address from becoming that of an interface that is not the SVM's; `undefined` when it is one. */
function holdForeign(
  { records, snapshot }: Present,
  key: string,
  svmUuid: string,
): readonly DocumentWrite[] | undefined {
  const holder = records.claim(key);
  if (holder === undefined) return [{ kind: 'check', key, expect: absent }];
  if (snapshot.interfaces.get(holder.value)?.value.svm?.uuid !== svmUuid) return undefined;
  return [{ kind: 'check', key, expect: at(holder) }];
}

function addressIn(identity: Identity): IpAddress | undefined {
  const form = identityKey(identity);
  return form.type === 'address' ? parseAddress(form.value) : undefined;
}
