import { isDeepStrictEqual } from 'node:util';
import { type IpsecPolicy, type PolicyUuid, type Problem, problemOf } from '@esplanade/domain';
import type { Revision, Write } from '@esplanade/store';
import { holdAddresses } from './address-ownership.ts';
import type { NewPolicy, WriterRights } from './desired-state.ts';
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
import { holdCertificate } from './plan-certificate.ts';
import { type HeldPeer, heldPeer } from './policies-by-peer.ts';
import { writePolicy } from './policy-document.ts';
import { refusalKinds } from './refusal-kinds.ts';
import type { SecretBox } from './secret-box.ts';

/**
 * Adds a policy and its claim on its name, while its SVM or IPspace and its certificate are there and its peer is held to
 * one key; `refused` says which of these is not so, or that the addresses are not the writer's to use.
 */
export function planPolicyCreation(policy: NewPolicy, box: SecretBox, rights: WriterRights): Plan {
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
    const certificate = heldCertificate(present, policy, box);
    if (certificate.kind === 'missing') return certificate.step;
    const addresses = usableAddresses(present, policy, rights);
    if (addresses.kind === 'refused') return addresses.step;
    const writes: readonly Write[] = [
      { kind: 'put', key: keys.policy(policy.uuid), value: writePolicy(policy, box), expect: absent },
      { kind: 'put', key: name, value: claimDocument.write(policy.uuid), expect: absent },
      parent,
      ...certificate.writes,
      ...addresses.writes,
    ];
    return holdingPeer(present, policy, writes, rights);
  };
}

/**
 * Writes a policy over the one that was read at revision `expected`, and moves its claim where its name is another;
 * `conflict` when it has changed since. Otherwise as `planPolicyCreation`.
 */
export function planPolicyUpdate(
  policy: IpsecPolicy,
  expected: Revision,
  box: SecretBox,
  rights: WriterRights,
): Plan {
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
    const certificate = heldCertificate(present, next, box);
    if (certificate.kind === 'missing') return certificate.step;
    const addresses = usableAddresses(present, next, rights, before.value);
    if (addresses.kind === 'refused') return addresses.step;
    const writes: readonly Write[] = [
      { kind: 'put', key: keys.policy(policy.uuid), value: writePolicy(next, box), expect: at(before) },
      ...(newName === oldName ? [] : moveClaim(oldName, newName, policy.uuid)),
      ...certificate.writes,
      ...addresses.writes,
    ];
    return holdingPeer(present, next, writes, rights);
  };
}

/** Removes a policy and its claim on its name; `conflict` when it is not of revision `expected`, where one is given. */
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

type HeldCertificate =
  | { readonly kind: 'held'; readonly writes: readonly Write[] }
  | { readonly kind: 'missing'; readonly step: Step };

/** What keeps the certificate of a policy from being deleted meanwhile; nothing for a policy without one. */
function heldCertificate(present: Present, { authentication }: NewPolicy, box: SecretBox): HeldCertificate {
  if (authentication.kind !== 'pki') return { kind: 'held', writes: [] };
  const { certificate } = authentication;
  const write = holdCertificate(present, certificate.uuid, box);
  if (write === undefined) return { kind: 'missing', step: refuseMissing('certificate.name', certificate) };
  return { kind: 'held', writes: [write] };
}

/**
 * What keeps the addresses the writer's to use, where it may not use any. A change that does nothing more to packets of
 * those addresses is free: a key is exchanged or a policy switched off also after its address went.
 */
function usableAddresses(
  present: Present,
  policy: NewPolicy,
  { isBoundToAddresses = false }: WriterRights,
  before?: NewPolicy,
): ReturnType<typeof holdAddresses> {
  const isFree = !isBoundToAddresses || (before !== undefined && doesNoMore(before, policy));
  return isFree ? { kind: 'held', writes: [] } : holdAddresses(present, policy);
}

function doesNoMore(before: NewPolicy, after: NewPolicy): boolean {
  return (
    before.action === after.action &&
    (before.enabled || !after.enabled) &&
    isDeepStrictEqual(before.selector, after.selector)
  );
}

/**
 * Adds what keeps a peer to one pre-shared key (decision 3): the peer's document names the fingerprint of a key, and
 * every policy of the peer is committed only while it accepts that key, as its own or as one it has replaced (decision
 * record 0012). Policies with the same key thus never hinder one another, and those of one peer can change their key one
 * after the other. When the document has to name another key, which all policies accept by then, it is changed alone
 * first: after that no commit that counted on the former can succeed, and the policies then visible are all there are,
 * so looking at them once more decides safely.
 *
 * The document outlives the policies: were it deleted, it could not be told from one never written, and a writer that
 * had seen neither could slip past.
 */
function holdingPeer(
  { records }: Present,
  policy: NewPolicy,
  writes: readonly Write[],
  rights: WriterRights,
): Step {
  const held = heldPeer(policy);
  if (held === undefined) return { kind: 'commit', writes };
  const others = records.policiesOfPeer(held.key).filter(({ uuid }) => uuid !== policy.uuid);
  const key = keys.peer(held.key);
  const document = records.peer(key);
  // The key that is named stays named while it can, so that writers need not wait for one another.
  const candidates = [...held.fingerprints].sort(
    (a, b) => Number(b === document?.value) - Number(a === document?.value),
  );
  const common = candidates.find((fingerprint) => others.every((other) => accepts(other, fingerprint)));
  if (common === undefined) return refuse(anotherKey(policy, held, others, rights));
  const value = peerDocument.write(common);
  if (document === undefined) {
    return { kind: 'commit', writes: [...writes, { kind: 'put', key, value, expect: absent }] };
  }
  if (document.value !== common) {
    return { kind: 'prepare', writes: [{ kind: 'put', key, value, expect: at(document) }] };
  }
  return { kind: 'commit', writes: [...writes, { kind: 'check', key, expect: at(document) }] };
}

function accepts(policy: IpsecPolicy, fingerprint: string): boolean {
  return heldPeer(policy)?.fingerprints.includes(fingerprint) ?? true;
}

function anotherKey(
  policy: NewPolicy,
  { fingerprints }: HeldPeer,
  others: readonly IpsecPolicy[],
  { svmUuid }: WriterRights,
): Problem {
  const [own = ''] = fingerprints;
  const { name, uuid, scope } = others.find((other) => !accepts(other, own)) ?? policy;
  const isHidden = svmUuid !== undefined && !(scope.kind === 'svm' && scope.svm.uuid === svmUuid);
  if (isHidden) return problemOf(refusalKinds.peerTakenElsewhere, 'secret_key', {});
  const owner = scope.kind === 'svm' ? `SVM "${scope.svm.name}"` : 'the cluster';
  return problemOf(refusalKinds.peerWithAnotherKey, 'secret_key', { name, uuid, owner });
}

function moveClaim(from: string, to: string, uuid: string): readonly Write[] {
  return [
    { kind: 'put', key: to, value: claimDocument.write(uuid), expect: absent },
    { kind: 'delete', key: from, expect: { kind: 'any' } },
  ];
}
