import { randomUUID } from 'node:crypto';
import type { NewPolicy, WriterRights } from '@esplanade/desired';
import {
  type IpsecPolicy,
  isPolicyUuid,
  type Parsed,
  type PolicyDraft,
  type PolicyParts,
  type PolicyUuid,
  type PublicCertificate,
  replaceKey,
  unsupportedBy,
  type ValidationContext,
  validatePolicy,
} from '@esplanade/domain';
import {
  type ApiFailure,
  type CreateResult,
  type DeleteResult,
  failure,
  failureOf,
  genericErrors,
  isFailure,
  type ModifyResult,
  type ParsedBody,
  type Principal,
  type WriteContext,
} from '@esplanade/ontap';
import type { Revision } from '@esplanade/store';
import { ipsecErrors } from './ipsec-error-codes.ts';
import { overlapOf } from './key-overlap.ts';
import { concernsConnection, lockOutFailure } from './lock-out.ts';
import {
  certificatePatchProblems,
  newPolicyDraft,
  patchedPolicyDraft,
  policyBodyProblems,
  unsetProblems,
} from './policy-body.ts';
import { certificatesOf } from './policy-certificates.ts';
import type { PolicyRow } from './policy-fields.ts';
import { policyOwner } from './policy-owner.ts';
import { removal } from './record-changes.ts';
import { type ResourceParts, settleBoundMs } from './resource-parts.ts';
import { findPolicy } from './visible-policies.ts';
import { attemptWrite, joinedFailure, writeFailure } from './write-failure.ts';

/** How long a PATCH is applied again to what writers elsewhere left, before it gives up. */
const patchBoundMs = 2_000;

/**
 * Creates a policy from a body of `/security/ipsec/policies`. Resolves when the datapath carries it out, or after two
 * seconds.
 */
export async function createPolicy(
  parts: ResourceParts,
  body: ParsedBody,
  context: WriteContext,
): Promise<CreateResult> {
  const { desired } = parts;
  const snapshot = desired.snapshot();
  const owner = policyOwner(body, context.principal, snapshot);
  const certificates = certificatesOf(snapshot, isFailure(owner) ? undefined : owner.scope);
  const parsed = parsePolicy(parts, newPolicyDraft(body), policyBodyProblems(body), { certificates });
  if (isFailure(owner)) return joinedFailure(owner, withoutCertificates(parsed));
  if (isFailure(parsed)) return parsed;
  const policy: NewPolicy = { ...parsed, uuid: newPolicyUuid(), ...owner };
  const locked = lockOut(parts, { after: { ...policy, createdRevision: Number.POSITIVE_INFINITY } }, context);
  if (locked !== undefined) return locked;
  const result = await attemptWrite(() => desired.createPolicy(policy, rightsOf(context.principal)));
  if (isFailure(result)) return result;
  if (result.kind !== 'written') return writeFailure(result, duplicateName(policy));
  await settled(parts, policy, result.revision);
  return { kind: 'created', key: policy.uuid, revision: result.revision };
}

/**
 * Writes a body of `/security/ipsec/policies` over a policy, together with the fields that only the CLI has
 * (`cipher_suite` and the lifetimes). What another writer changes at the same time is kept. Resolves as `createPolicy`.
 */
export async function modifyPolicy(
  parts: ResourceParts,
  stale: PolicyRow,
  body: ParsedBody,
  context: WriteContext,
): Promise<ModifyResult> {
  const { uuid } = stale.value;
  // One after another, so that many at once do not keep on overtaking each other.
  const written = await parts.turns.take(uuid, () => writeOver(parts, uuid, body, context));
  if (isFailure(written)) return written;
  await settled(parts, written.policy, written.revision);
  return { kind: 'modified', revision: written.revision };
}

interface WrittenPolicy {
  readonly policy: IpsecPolicy;
  readonly revision: Revision;
}

async function writeOver(
  parts: ResourceParts,
  uuid: PolicyUuid,
  body: ParsedBody,
  context: WriteContext,
): Promise<WrittenPolicy | ApiFailure> {
  const overlap = overlapOf(context, body);
  const bodyProblems = [...overlap.problems, ...unsetProblems(body), ...policyBodyProblems(body)];
  const giveUpMs = performance.now() + patchBoundMs;
  for (;;) {
    const snapshot = parts.desired.snapshot();
    const row = findPolicy(snapshot, uuid);
    if (row === undefined) return failure(genericErrors.entryNotFound, {}, 'uuid');
    const { value: before, modified } = row;
    const unmet = context.unmet?.(modified);
    if (unmet !== undefined) return unmet;
    const draft = patchedPolicyDraft(before, body);
    const problems = [...bodyProblems, ...certificatePatchProblems(before, draft, body)];
    const parsed = parsePolicy(parts, draft, problems, {
      certificates: certificatesOf(snapshot, before.scope),
      current: before.authentication,
    });
    if (isFailure(parsed)) return parsed;
    const { scope, ipspace, createdRevision } = before;
    const authentication = replaceKey(before.authentication, parsed.authentication, {
      nowMs: Date.now(),
      overlapMs: overlap.seconds * 1_000,
    });
    const policy: IpsecPolicy = { ...parsed, authentication, uuid, scope, ipspace, createdRevision };
    const locked = lockOut(parts, { before, after: policy }, context);
    if (locked !== undefined) return locked;
    const result = await attemptWrite(() =>
      parts.desired.updatePolicy(policy, modified, rightsOf(context.principal)),
    );
    if (isFailure(result)) return result;
    if (result.kind === 'written') return { policy, revision: result.revision };
    // What a writer elsewhere changed meanwhile is kept: this body is written over it as over the first.
    if (result.kind !== 'conflict' || performance.now() > giveUpMs)
      return writeFailure(result, duplicateName(policy));
  }
}

/** Removes a policy and its SAs. Resolves as `createPolicy`. */
export async function removePolicy(
  parts: ResourceParts,
  { value }: PolicyRow,
  context: WriteContext,
): Promise<DeleteResult> {
  const locked = lockOut(parts, { before: value }, context);
  if (locked !== undefined) return locked;
  const { desired } = parts;
  const result = await removal(
    context,
    () => findPolicy(desired.snapshot(), value.uuid),
    (expected) => desired.deletePolicy(value.uuid, expected),
  );
  if (isFailure(result)) return result;
  if (result.kind !== 'written') return writeFailure(result, duplicateName(value));
  await settled(parts, value, result.revision);
  return { kind: 'deleted' };
}

/** Everything wrong with a draft at once: its own rules, the body's, and what the datapath cannot carry out. */
function parsePolicy(
  parts: ResourceParts,
  draft: PolicyDraft,
  bodyProblems: ReturnType<typeof policyBodyProblems>,
  context: Omit<ValidationContext, 'fingerprint'>,
): PolicyParts | ApiFailure {
  const parsed: Parsed<PolicyParts> = validatePolicy(draft, { fingerprint: parts.fingerprint, ...context });
  const problems =
    parsed.kind === 'invalid'
      ? parsed.problems
      : unsupportedBy(parts.capabilities, parsed.value, shownBy(parsed.value, parts));
  const failed = failureOf([...problems, ...bodyProblems]);
  if (failed !== undefined) return failed;
  if (parsed.kind === 'invalid') throw new Error('validation found a policy invalid without saying why');
  return parsed.value;
}

function shownBy({ authentication }: PolicyParts, { desired }: ResourceParts): PublicCertificate | undefined {
  if (authentication.kind !== 'pki') return undefined;
  return desired.snapshot().certificates.get(authentication.certificate.uuid)?.value.content;
}

/** Without what is said of certificates: while the owner is unknown, so are they. */
function withoutCertificates(parsed: PolicyParts | ApiFailure): ApiFailure | undefined {
  if (!isFailure(parsed)) return undefined;
  return failureOf(parsed.problems.filter(({ target = '' }) => !target.startsWith('certificate.')));
}

interface PolicyChange {
  readonly before?: IpsecPolicy;
  readonly after?: IpsecPolicy;
}

function lockOut(
  { desired, carriers }: ResourceParts,
  { before, after }: PolicyChange,
  context: WriteContext,
): ApiFailure | undefined {
  const changed = [before, after].filter((policy) => policy !== undefined);
  if (!changed.some((policy) => concernsConnection(policy, context))) return undefined;
  const snapshot = desired.snapshot();
  const others = [...snapshot.policies.values()]
    .map(({ value }) => value)
    .filter(({ uuid }) => uuid !== before?.uuid);
  const proposal = {
    policies: after === undefined ? others : [...others, after],
    ipsecEnabled: snapshot.ipsec.value.enabled,
  };
  return lockOutFailure(proposal, snapshot, context, carriers);
}

/** An administrator who narrowed a request to an SVM may use any address, an account of that SVM may not. */
function rightsOf({ svmUuid, isOfSvm }: Principal): WriterRights {
  return { ...(svmUuid !== undefined && { svmUuid }), isOfSvm: isOfSvm === true };
}

function settled({ carriers }: ResourceParts, policy: NewPolicy, revision: number): Promise<boolean> {
  const reconciler = carriers.of(policy.ipspace.uuid)?.reconciler;
  return reconciler?.settled(policy.uuid, revision, settleBoundMs) ?? Promise.resolve(false);
}

function duplicateName({ name, scope }: NewPolicy): ApiFailure {
  const where = scope.kind === 'svm' ? `SVM "${scope.svm.name}"` : 'the cluster';
  return failure(ipsecErrors.duplicateName, { name, scope: where }, 'name');
}

function newPolicyUuid(): PolicyUuid {
  const uuid = randomUUID();
  if (!isPolicyUuid(uuid)) throw new Error(`not a uuid: ${uuid}`);
  return uuid;
}
