import { type Authentication, isProtecting, type PolicyAction, type Reference } from './policy.ts';
import { findCertificate, type OwnersCertificates } from './policy-certificate.ts';
import type { PolicyDraft } from './policy-draft.ts';
import { parsePostquantumKey } from './postquantum-key.ts';
import { combine, invalid, type Parsed, type Problem, quoted, valid } from './problem.ts';
import { problemKinds, problemOf, refusal } from './problem-kinds.ts';
import { Secret } from './secret.ts';
import { parseSecretKey } from './secret-key.ts';

/** What validation needs to know beyond the draft. */
export interface ValidationContext {
  /** Keyed digest of a secret's bytes, see `Secret`. */
  readonly fingerprint: (bytes: Uint8Array) => string;
  /** What a certificate may be named from. */
  readonly certificates: OwnersCertificates;
  /** What the policy authenticates with already, which stays unless the draft brings other credentials (PATCH). */
  readonly current?: Authentication;
}

const methods = ['none', 'psk', 'pki'] as const;
type Method = (typeof methods)[number];

/**
 * Reads how the peers prove who they are. Without a stated method it stays what it is, or follows from the credentials
 * given. bypass and discard need no proof: their credentials are ignored, unread (ONTAP's 66257112 is a notice, not an
 * error).
 */
export function parseAuthentication(
  action: PolicyAction,
  draft: PolicyDraft,
  context: ValidationContext,
): Parsed<Authentication> {
  const stated = draft.authenticationMethod;
  const method = methods.find((one) => one === stated);
  if (stated !== undefined && method === undefined) {
    return refusal(problemKinds.invalidValue, 'authentication_method', {
      value: quoted(stated),
      expected: 'an authentication method',
      advice: 'Send psk, pki, or none for bypass and discard.',
    });
  }
  if (!isProtecting(action)) return valid({ kind: 'none' });
  switch (method ?? impliedMethod(draft, context)) {
    case 'psk':
      return parsePsk(draft, context);
    case 'pki':
      return parsePki(draft, context);
    case 'none':
      return refusal(
        problemKinds.protectionWithoutAuthentication,
        method === 'none' ? 'authentication_method' : 'secret_key',
        { action, advice: protectionAdvice(context) },
      );
  }
}

function protectionAdvice({ current }: ValidationContext): string {
  return current === undefined
    ? 'Send authentication_method psk with secret_key, pki with certificate.name, or action bypass or discard.'
    : 'Send secret_key, or certificate.name and remote_identity, or leave action bypass or discard.';
}

function impliedMethod(draft: PolicyDraft, { current }: ValidationContext): Method {
  if (current !== undefined && current.kind !== 'none') return current.kind;
  if (draft.secretKey !== undefined) return 'psk';
  return draft.certificate ? 'pki' : 'none';
}

function parsePsk(draft: PolicyDraft, context: ValidationContext): Parsed<Authentication> {
  const current = context.current?.kind === 'psk' ? context.current : undefined;
  const strangers: Problem[] = [];
  if (draft.certificate) strangers.push(problemOf(problemKinds.certificateWithPsk, 'certificate', {}));
  if (draft.keepsSas) {
    strangers.push(problemOf(problemKinds.keepsSasWithoutPki, 'certificate_modify_keepsa', {}));
  }
  const parts = combine({
    psk: parsePskItself(draft.secretKey, current?.psk, context),
    postquantumKey: parsePostquantumKey(draft.postquantumKey, current?.postquantumKey, context.fingerprint),
    strangers: strangers.length === 0 ? valid(undefined) : invalid(...strangers),
  });
  if (parts.kind === 'invalid') return parts;
  const { psk, postquantumKey } = parts.value;
  return valid({ kind: 'psk', psk, ...(postquantumKey && { postquantumKey }) });
}

function parsePskItself(
  text: string | undefined,
  current: Secret | undefined,
  { fingerprint }: ValidationContext,
): Parsed<Secret> {
  if (text === undefined) {
    return current === undefined ? refusal(problemKinds.pskWithoutKey, 'secret_key', {}) : valid(current);
  }
  const bytes = parseSecretKey(text);
  return bytes.kind === 'valid' ? valid(new Secret(bytes.value, fingerprint(bytes.value))) : bytes;
}

function parsePki(draft: PolicyDraft, context: ValidationContext): Parsed<Authentication> {
  const current = context.current?.kind === 'pki' ? context.current : undefined;
  const problems: Problem[] = [];
  if (draft.secretKey !== undefined) {
    // What is there keeps its method.
    const advice =
      context.current === undefined
        ? 'Leave secret_key out, or send authentication_method psk.'
        : 'Leave secret_key out, or create a policy with authentication method psk in its place.';
    problems.push(problemOf(problemKinds.keyWithPki, 'secret_key', { advice }));
  }
  if (draft.postquantumKey) problems.push(problemOf(problemKinds.postquantumKeyWithPki, 'ppk.identity', {}));
  if (draft.remoteIdentity === undefined || draft.remoteIdentity === '') {
    problems.push(problemOf(problemKinds.pkiWithoutRemoteIdentity, 'remote_identity', {}));
  }
  const parts = combine({
    others: problems.length === 0 ? valid(undefined) : invalid(...problems),
    certificate: parseCertificate(draft.certificate, current?.certificate, context),
  });
  if (parts.kind === 'invalid') return parts;
  const keepsSas = draft.keepsSas ?? current?.keepsSas ?? false;
  return valid({ kind: 'pki', certificate: parts.value.certificate, keepsSas });
}

function parseCertificate(
  named: PolicyDraft['certificate'],
  current: Reference | undefined,
  { certificates }: ValidationContext,
): Parsed<Reference> {
  if (named) return findCertificate(named, certificates);
  if (named === undefined && current !== undefined) return valid(current);
  return refusal(problemKinds.pkiWithoutCertificate, 'certificate.uuid', {});
}
