import { type Authentication, isProtecting, type PolicyAction } from './policy.ts';
import type { PolicyDraft } from './policy-draft.ts';
import { invalid, type Parsed, type Problem, quoted, valid } from './problem.ts';
import { problemKinds, problemOf, refusal } from './problem-kinds.ts';
import { Secret } from './secret.ts';
import { parseSecretKey } from './secret-key.ts';

/** What validation needs to know beyond the draft. */
export interface ValidationContext {
  /** Keyed digest of a secret's bytes, see `Secret`. */
  readonly fingerprint: (bytes: Uint8Array) => string;
  /** The pre-shared key the policy has already, which stays unless the draft brings another (PATCH). */
  readonly currentKey?: Secret;
}

const methods = ['none', 'psk', 'pki'] as const;
type Method = (typeof methods)[number];

/**
 * Reads how the peers prove who they are. Without a stated method it follows from the credentials given. bypass and
 * discard need no proof: their credentials are ignored, unread (ONTAP's 66257112 is a notice, not an error).
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
      advice: 'Send psk, or none for bypass and discard.',
    });
  }
  if (!isProtecting(action)) return valid({ kind: 'none' });
  switch (method ?? impliedMethod(draft, context)) {
    case 'psk':
      return parsePsk(draft, context);
    case 'pki':
      return invalid(...pkiProblems(draft));
    case 'none':
      return refusal(
        problemKinds.protectionWithoutAuthentication,
        method === 'none' ? 'authentication_method' : 'secret_key',
        { action },
      );
  }
}

function impliedMethod(draft: PolicyDraft, context: ValidationContext): Method {
  if (draft.secretKey !== undefined || context.currentKey !== undefined) return 'psk';
  return draft.certificate === undefined ? 'none' : 'pki';
}

function parsePsk(draft: PolicyDraft, context: ValidationContext): Parsed<Authentication> {
  const problems: Problem[] = [];
  if (draft.certificate !== undefined) {
    problems.push(problemOf(problemKinds.certificateWithPsk, 'certificate', {}));
  }
  const psk = draft.secretKey === undefined ? currentPsk(context) : newPsk(draft.secretKey, context);
  if (psk.kind === 'invalid') problems.push(...psk.problems);
  else if (problems.length === 0) return valid({ kind: 'psk', psk: psk.value });
  return invalid(...problems);
}

function currentPsk(context: ValidationContext): Parsed<Secret> {
  if (context.currentKey !== undefined) return valid(context.currentKey);
  return refusal(problemKinds.pskWithoutKey, 'secret_key', {});
}

function newPsk(text: string, context: ValidationContext): Parsed<Secret> {
  const bytes = parseSecretKey(text);
  return bytes.kind === 'valid' ? valid(new Secret(bytes.value, context.fingerprint(bytes.value))) : bytes;
}

/** Never empty: no certificate is known to any SVM yet, so whichever is named is not there. */
function pkiProblems(draft: PolicyDraft): readonly Problem[] {
  const problems: Problem[] = [];
  if (draft.secretKey !== undefined) {
    problems.push(problemOf(problemKinds.keyWithPki, 'secret_key', {}));
  }
  if (draft.remoteIdentity === undefined || draft.remoteIdentity === '') {
    problems.push(problemOf(problemKinds.pkiWithoutRemoteIdentity, 'remote_identity', {}));
  }
  const { uuid, name } = draft.certificate ?? {};
  const advice = 'Certificates are not supported yet: send authentication_method psk with secret_key.';
  if (uuid !== undefined) {
    const value = quoted(uuid);
    problems.push(problemOf(problemKinds.certificateUuidNotFound, 'certificate.uuid', { value, advice }));
  } else if (name !== undefined) {
    const value = quoted(name);
    problems.push(problemOf(problemKinds.certificateNotOnSvm, 'certificate.name', { value, advice }));
  } else {
    problems.push(problemOf(problemKinds.pkiWithoutCertificate, 'certificate.uuid', { advice }));
  }
  return problems;
}
