import {
  acceptedKeys,
  effectiveIdentities,
  formatIdentity,
  type PolicyUuid,
  type Problem,
  problemOf,
} from '@esplanade/domain';
import type { DocumentWrite } from '@esplanade/store';
import { type Agreement, agreementsOf, ownerValue } from './agreements.ts';
import type { NewPolicy, WriterRights } from './desired-state.ts';
import { agreementDocument } from './documents.ts';
import { keys } from './keys.ts';
import { absent, at, type Present, refuse, type Step } from './plan.ts';
import { refusalKinds } from './refusal-kinds.ts';

/**
 * Adds what keeps policies to what they must agree on: a peer to one pre-shared key and one post-quantum key
 * (decision 3), a named identity to one owner or one pre-shared key, and a post-quantum identity to one key. A document
 * names a value, and every policy of the agreement is committed only while it accepts that value: of pre-shared keys, as
 * its own or as one it has replaced (decision record 0012). Policies with the same keys thus never hinder one another,
 * and those of one peer can change their pre-shared key one after the other. When the document has to name another value,
 * which all policies accept by then, it is changed alone first: after that no commit that counted on the former can
 * succeed, and the policies then visible are all there are, so looking at them once more decides safely.
 *
 * The document outlives the policies: were it deleted, it could not be told from one never written, and a writer that
 * had seen neither could slip past.
 */
export function agreeing(
  present: Present,
  policy: NewPolicy,
  writes: readonly DocumentWrite[],
  rights: WriterRights,
): Step {
  const all = [...writes];
  for (const agreement of agreementsOf(policy)) {
    const step = agreeingOn(agreement, present, policy, rights);
    if (step.kind !== 'commit') return step;
    all.push(...step.writes);
  }
  return { kind: 'commit', writes: all };
}

function agreeingOn(agreement: Agreement, present: Present, policy: NewPolicy, rights: WriterRights): Step {
  const { records } = present;
  const others = records.partyTo(agreement.key);
  const owner = ownerValue(policy.scope);
  const isBound = rights.isOfSvm === true && !isAsBefore(agreement, present, policy);
  if (isBound) {
    // Whatever its keys: were the right one taken, whoever guesses it would be told.
    const foreign = others.refuserOf(owner, policy.uuid);
    if (foreign !== undefined) return refuse(disagreement(agreement, present, policy, rights, foreign));
  }
  const acceptable = isBound && agreement.values.includes(owner) ? [owner] : agreement.values;
  const key = keys.agreement(agreement.key);
  const document = records.agreed(key);
  // The value that is named stays named while it can, so that writers need not wait for one another.
  const candidates = [...acceptable].sort(
    (a, b) => Number(b === document?.value) - Number(a === document?.value),
  );
  const common = candidates.find((one) => others.accepts(one, policy.uuid));
  if (common === undefined) {
    const [own = ''] = agreement.values;
    return refuse(disagreement(agreement, present, policy, rights, others.refuserOf(own, policy.uuid)));
  }
  const value = agreementDocument.write(common);
  if (document === undefined)
    return { kind: 'commit', writes: [{ kind: 'put', key, value, expect: absent }] };
  if (document.value !== common) {
    return { kind: 'prepare', writes: [{ kind: 'put', key, value, expect: at(document) }] };
  }
  return { kind: 'commit', writes: [{ kind: 'check', key, expect: at(document) }] };
}

/** Whether the policy has had its part in the agreement, with the same keys, before it is written. */
function isAsBefore({ key, values }: Agreement, { snapshot }: Present, { uuid }: NewPolicy): boolean {
  const before = snapshot.policies.get(uuid)?.value;
  if (before === undefined) return false;
  return agreementsOf(before).some((one) => one.key === key && one.values.join() === values.join());
}

function disagreement(
  agreement: Agreement,
  { snapshot }: Present,
  policy: NewPolicy,
  { svmUuid, isOfSvm = false }: WriterRights,
  refuser: PolicyUuid | undefined,
): Problem {
  const other = (refuser && snapshot.policies.get(refuser)?.value) ?? policy;
  const { name, uuid, scope } = other;
  const isHidden = svmUuid !== undefined && !(scope.kind === 'svm' && scope.svm.uuid === svmUuid);
  const owner = scope.kind === 'svm' ? `SVM "${scope.svm.name}"` : 'the cluster';
  const who = { name, uuid, owner };
  switch (agreement.on) {
    case 'local identity':
    case 'remote identity': {
      const [side, target] =
        agreement.on === 'local identity'
          ? (['local', 'local_identity'] as const)
          : (['remote', 'remote_identity'] as const);
      const identity = formatIdentity(effectiveIdentities(policy)[side]);
      return isHidden
        ? problemOf(refusalKinds.identityTakenElsewhere, target, { identity })
        : problemOf(refusalKinds.identityOfAnotherOwner, target, { ...who, identity });
    }
    case 'peer':
      if ((isHidden && isOfSvm) || !haveKeyInCommon(policy, other))
        return isHidden
          ? problemOf(refusalKinds.peerTakenElsewhere, 'secret_key', {})
          : problemOf(refusalKinds.peerWithAnotherKey, 'secret_key', who);
      return isHidden
        ? problemOf(refusalKinds.postquantumKeyTakenElsewhere, 'ppk.identity', {})
        : problemOf(refusalKinds.peerWithAnotherPostquantumKey, 'ppk.identity', who);
    case 'postquantum identity':
      return isHidden
        ? problemOf(refusalKinds.postquantumKeyTakenElsewhere, 'ppk.identity', {})
        : problemOf(refusalKinds.postquantumIdentityWithAnotherKey, 'ppk.identity', who);
  }
}

function haveKeyInCommon(one: NewPolicy, other: NewPolicy): boolean {
  const accepted = acceptedKeys(other.authentication).map(({ fingerprint }) => fingerprint);
  return acceptedKeys(one.authentication).some(({ fingerprint }) => accepted.includes(fingerprint));
}
