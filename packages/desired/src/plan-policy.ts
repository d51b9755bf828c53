import { isDeepStrictEqual } from 'node:util';
import { effectiveIdentities, type IpsecPolicy, identityKey, type PolicyUuid } from '@esplanade/domain';
import type { DocumentWrite, Revision } from '@esplanade/store';
import { holdAddresses } from './address-ownership.ts';
import type { NewPolicy, WriterRights } from './desired-state.ts';
import { claimDocument } from './documents.ts';
import { holdIdentities } from './identity-ownership.ts';
import { keys } from './keys.ts';
import {
  absent,
  answer,
  at,
  type Held,
  holdIpspace,
  holdSvm,
  isAsExpected,
  type Plan,
  type Present,
  refuseMissing,
  type Step,
} from './plan.ts';
import { agreeing } from './plan-agreements.ts';
import { holdCertificate } from './plan-certificate.ts';
import { writePolicy } from './policy-document.ts';
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
    const writes: readonly DocumentWrite[] = [
      { kind: 'put', key: keys.policy(policy.uuid), value: writePolicy(policy, box), expect: absent },
      { kind: 'put', key: name, value: claimDocument.write(policy.uuid), expect: absent },
      parent,
      ...certificate.writes,
      ...addresses.writes,
    ];
    return agreeing(present, policy, writes, rights);
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
    const writes: readonly DocumentWrite[] = [
      { kind: 'put', key: keys.policy(policy.uuid), value: writePolicy(next, box), expect: at(before) },
      ...(newName === oldName ? [] : moveClaim(oldName, newName, policy.uuid)),
      ...certificate.writes,
      ...addresses.writes,
    ];
    return agreeing(present, next, writes, rights);
  };
}

/** Removes a policy and its claim on its name; `conflict` when it is not of revision `expected`, where one is given. */
export function planPolicyDeletion(uuid: PolicyUuid, expected: Revision | undefined): Plan {
  return ({ snapshot }) => {
    const before = snapshot.policies.get(uuid);
    if (before === undefined) return answer({ kind: 'not-found' });
    if (!isAsExpected(before, expected)) return answer({ kind: 'conflict' });
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
  | { readonly kind: 'held'; readonly writes: readonly DocumentWrite[] }
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
 * those addresses, or to who is believed to have them, is free: a key is exchanged or a policy switched off also after
 * its address went.
 */
function usableAddresses(
  present: Present,
  policy: NewPolicy,
  { isOfSvm = false }: WriterRights,
  before?: NewPolicy,
): Held {
  if (!isOfSvm) return { kind: 'held', writes: [] };
  const isFree = (doesNoMore: (before: NewPolicy, after: NewPolicy) => boolean) =>
    before !== undefined && (before.enabled || !policy.enabled) && doesNoMore(before, policy);
  const addresses = isFree(protectsNoMore) ? nothingHeld : holdAddresses(present, policy);
  if (addresses.kind === 'refused') return addresses;
  const identities = isFree(believesNoMore) ? nothingHeld : holdIdentities(present, policy);
  if (identities.kind === 'refused') return identities;
  const taken = new Set(addresses.writes.map(({ key }) => key));
  return {
    kind: 'held',
    writes: [...addresses.writes, ...identities.writes.filter(({ key }) => !taken.has(key))],
  };
}

const nothingHeld = { kind: 'held', writes: [] } as const;

function protectsNoMore(before: NewPolicy, after: NewPolicy): boolean {
  return before.action === after.action && isDeepStrictEqual(before.selector, after.selector);
}

function believesNoMore(before: NewPolicy, after: NewPolicy): boolean {
  const identitiesOf = (policy: NewPolicy) => {
    const { local, remote } = effectiveIdentities(policy);
    return [identityKey(local), identityKey(remote)];
  };
  return (
    before.authentication.kind === after.authentication.kind &&
    isDeepStrictEqual(identitiesOf(before), identitiesOf(after))
  );
}

function moveClaim(from: string, to: string, uuid: string): readonly DocumentWrite[] {
  return [
    { kind: 'put', key: to, value: claimDocument.write(uuid), expect: absent },
    { kind: 'delete', key: from, expect: { kind: 'any' } },
  ];
}
