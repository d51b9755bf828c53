import { type Authentication, isProtecting, type PolicyAction } from './policy.ts';
import type { PolicyDraft } from './policy-draft.ts';
import { invalid, type Parsed, type Problem, quoted, valid } from './problem.ts';
import { type ProblemCode, problemCodes } from './problem-codes.ts';
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
    return refuse(
      problemCodes.invalidValue,
      'authentication_method',
      `${quoted(stated)} is not an authentication method. Send psk, or none for bypass and discard.`,
    );
  }
  if (!isProtecting(action)) return valid({ kind: 'none' });
  switch (method ?? impliedMethod(draft, context)) {
    case 'psk':
      return parsePsk(draft, context);
    case 'pki':
      return invalid(...pkiProblems(draft));
    case 'none':
      return refuse(
        problemCodes.protectionWithoutAuthentication,
        method === 'none' ? 'authentication_method' : 'secret_key',
        `Action ${action} protects packets and needs a key to do it. Send authentication_method psk with secret_key, or action bypass or discard.`,
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
    problems.push({
      code: problemCodes.certificateWithPsk,
      target: 'certificate',
      message: 'A policy with a pre-shared key takes no certificate. Leave certificate out.',
    });
  }
  const psk = draft.secretKey === undefined ? currentPsk(context) : newPsk(draft.secretKey, context);
  if (psk.kind === 'invalid') problems.push(...psk.problems);
  else if (problems.length === 0) return valid({ kind: 'psk', psk: psk.value });
  return invalid(...problems);
}

function currentPsk(context: ValidationContext): Parsed<Secret> {
  if (context.currentKey !== undefined) return valid(context.currentKey);
  return refuse(
    problemCodes.pskWithoutKey,
    'secret_key',
    'Authentication method psk needs a pre-shared key. Send secret_key, 18 to 128 characters.',
  );
}

function newPsk(text: string, context: ValidationContext): Parsed<Secret> {
  const bytes = parseSecretKey(text);
  return bytes.kind === 'valid' ? valid(new Secret(bytes.value, context.fingerprint(bytes.value))) : bytes;
}

/** Never empty: no certificate is known to any SVM yet, so whichever is named is not there. */
function pkiProblems(draft: PolicyDraft): readonly Problem[] {
  const problems: Problem[] = [];
  if (draft.secretKey !== undefined) {
    problems.push({
      code: problemCodes.keyWithPki,
      target: 'secret_key',
      message:
        'A policy with authentication method pki takes no pre-shared key. Leave secret_key out, or send authentication_method psk.',
    });
  }
  if (draft.remoteIdentity === undefined || draft.remoteIdentity === '') {
    problems.push({
      code: problemCodes.pkiWithoutRemoteIdentity,
      target: 'remote_identity',
      message:
        'A certificate is verified against an identity. Send remote_identity, the identity in the peer’s certificate.',
    });
  }
  const { uuid, name } = draft.certificate ?? {};
  const instead = 'Certificates are not supported yet: send authentication_method psk with secret_key.';
  if (uuid !== undefined) {
    problems.push({
      code: problemCodes.certificateUuidNotFound,
      target: 'certificate.uuid',
      message: `There is no certificate with UUID ${quoted(uuid)}. ${instead}`,
    });
  } else if (name !== undefined) {
    problems.push({
      code: problemCodes.certificateNotOnSvm,
      target: 'certificate.name',
      message: `There is no certificate ${quoted(name)} on the SVM. ${instead}`,
    });
  } else {
    problems.push({
      code: problemCodes.pkiWithoutCertificate,
      target: 'certificate.uuid',
      message: `Authentication method pki needs a certificate, and none is given. ${instead}`,
    });
  }
  return problems;
}

function refuse(code: ProblemCode, target: string, message: string): Parsed<never> {
  return invalid({ code, target, message });
}
