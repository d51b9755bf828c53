import type { IpsecPolicy, PolicyUuid } from '@esplanade/domain';
import type { Revision, Write } from '@esplanade/store';
import type { NewPolicy } from './desired-state.ts';
import { claimDocument, peerDocument } from './documents.ts';
import { keys } from './keys.ts';
import {
  absent,
  answer,
  at,
  holdIpspace,
  holdSvm,
  type Plan,
  type Present,
  refuse,
  refuseMissing,
  type Step,
} from './plan.ts';
import { heldPeer } from './policies-by-peer.ts';
import { writePolicy } from './policy-document.ts';
import type { SecretBox } from './secret-box.ts';

export function planPolicyCreation(policy: NewPolicy, box: SecretBox): Plan {
  return (present) => {
    const { records, snapshot } = present;
    if (snapshot.policies.has(policy.uuid)) return answer({ kind: 'conflict' });
    const name = keys.policyName(policy.scope, policy.name);
    if (records.claim(name) !== undefined) return answer({ kind: 'duplicate' });
    const parent =
      policy.scope.kind === 'svm' ? holdSvm(present, policy.scope.svm) : holdIpspace(present, policy.ipspace);
    if (parent === undefined) {
      return policy.scope.kind === 'svm'
        ? refuseMissing('svm.name', policy.scope.svm)
        : refuseMissing('ipspace.name', policy.ipspace);
    }
    return holdingPeer(present, policy, [
      { kind: 'put', key: keys.policy(policy.uuid), value: writePolicy(policy, box), expect: absent },
      { kind: 'put', key: name, value: claimDocument.write(policy.uuid), expect: absent },
      parent,
    ]);
  };
}

export function planPolicyUpdate(policy: IpsecPolicy, expected: Revision, box: SecretBox): Plan {
  return (present) => {
    const before = present.snapshot.policies.get(policy.uuid);
    if (before === undefined) return answer({ kind: 'not-found' });
    if (before.modified !== expected) return answer({ kind: 'conflict' });
    const oldName = keys.policyName(before.value.scope, before.value.name);
    const newName = keys.policyName(before.value.scope, policy.name);
    if (newName !== oldName && present.records.claim(newName) !== undefined)
      return answer({ kind: 'duplicate' });
    // Scope and IPspace are what the policy's keys and parents are made of: they never change.
    const { scope, ipspace } = before.value;
    const next = { ...policy, scope, ipspace };
    return holdingPeer(present, next, [
      { kind: 'put', key: keys.policy(policy.uuid), value: writePolicy(next, box), expect: at(before) },
      ...(newName === oldName ? [] : moveClaim(oldName, newName, policy.uuid)),
    ]);
  };
}

export function planPolicyDeletion(uuid: PolicyUuid, expected: Revision | undefined): Plan {
  return ({ snapshot }) => {
    const before = snapshot.policies.get(uuid);
    if (before === undefined) return answer({ kind: 'not-found' });
    if (expected !== undefined && before.modified !== expected) return answer({ kind: 'conflict' });
    return {
      kind: 'commit',
      writes: [
        { kind: 'delete', key: keys.policy(uuid), expect: at(before) },
        {
          kind: 'delete',
          key: keys.policyName(before.value.scope, before.value.name),
          expect: { kind: 'any' },
        },
      ],
    };
  };
}

/**
 * Adds what keeps a peer to one pre-shared key (decision 3): the peer's document names the fingerprint, and every
 * policy of the peer is committed only while it does. Policies with the same key thus never hinder one another. A new
 * key for a peer first changes the document alone: after that no commit under the old key can succeed, and the
 * policies then visible are all there are, so looking at them once more decides safely.
 *
 * The document outlives the policies: were it deleted, it could not be told from one never written, and a writer that
 * had seen neither could slip past.
 */
function holdingPeer({ records }: Present, policy: NewPolicy, writes: readonly Write[]): Step {
  const held = heldPeer(policy);
  if (held === undefined) return { kind: 'commit', writes };
  const other = records
    .policiesOfPeer(held.key)
    .find(
      (candidate) => candidate.uuid !== policy.uuid && heldPeer(candidate)?.fingerprint !== held.fingerprint,
    );
  if (other !== undefined) return refuse(anotherKey(other));
  const key = keys.peer(held.key);
  const value = peerDocument.write(held.fingerprint);
  const document = records.peer(key);
  if (document === undefined) {
    return { kind: 'commit', writes: [...writes, { kind: 'put', key, value, expect: absent }] };
  }
  if (document.value !== held.fingerprint) {
    return { kind: 'prepare', writes: [{ kind: 'put', key, value, expect: at(document) }] };
  }
  return { kind: 'commit', writes: [...writes, { kind: 'check', key, expect: at(document) }] };
}

function anotherKey({ name, uuid, scope }: IpsecPolicy) {
  const owner = scope.kind === 'svm' ? `SVM "${scope.svm.name}"` : 'the cluster';
  return {
    // ONTAP has no code of its own for this; its generic "a field cannot stand beside another" comes closest.
    code: '262186',
    target: 'secret_key',
    message: `Policy "${name}" (${uuid}) of ${owner} has the same endpoints and identities with another pre-shared key, and IKE cannot tell the two apart. Use its key, give one of them an identity of its own, or disable it first.`,
  };
}

function moveClaim(from: string, to: string, uuid: string): readonly Write[] {
  return [
    { kind: 'put', key: to, value: claimDocument.write(uuid), expect: absent },
    { kind: 'delete', key: from, expect: { kind: 'any' } },
  ];
}
