import type { Family } from './ip-address.ts';
import { type Authentication, type CipherSuite, isProtecting, type PolicyAction } from './policy.ts';
import type { PolicyParts } from './policy-draft.ts';
import type { Problem } from './problem.ts';
import { problemKinds, problemOf } from './problem-kinds.ts';
import { unprovableIdentities } from './provable-identity.ts';
import type { PublicCertificate } from './public-certificate.ts';

/** What something that carries out policies can do, as far as a policy can ask for it. */
export interface PolicySupport {
  readonly actions: readonly PolicyAction[];
  readonly families: readonly Family[];
  readonly cipherSuites: readonly CipherSuite[];
  readonly authentications: readonly Authentication['kind'][];
  /** Whether IKE can mix post-quantum pre-shared keys in (RFC 8784). */
  readonly postquantumKeys: boolean;
  /** `provable`: only identities that the certificates of the two ends can prove, and patterns of such. */
  readonly certificateIdentities: 'any' | 'provable';
}

/**
 * What a valid policy asks for beyond the support, checked when it is written and not when it is applied (decision 12).
 * `shown` is the certificate that it names.
 */
export function unsupportedBy(
  support: PolicySupport,
  policy: PolicyParts,
  shown?: PublicCertificate,
): readonly Problem[] {
  const problems: Problem[] = [];
  const require = <T extends string>(target: string, what: string, wanted: T, supported: readonly T[]) => {
    if (supported.includes(wanted)) return;
    const advice =
      supported.length === 0 ? 'It carries out none.' : `It carries out ${supported.join(', ')}.`;
    const why = `The datapath of this node does not carry out ${what} ${wanted}`;
    problems.push(problemOf(problemKinds.unusableValue, target, { why, advice }));
  };
  require('action', 'action', policy.action, support.actions);
  require('local_endpoint.address', 'address family', policy.selector.family, support.families);
  if (isProtecting(policy.action)) {
    require('cipher_suite', 'cipher suite', policy.cipherSuite, support.cipherSuites);
    const { authentication } = policy;
    require('authentication_method', 'authentication', authentication.kind, support.authentications);
    if (authentication.kind === 'pki' && support.certificateIdentities === 'provable')
      problems.push(...unprovableIdentities(policy, shown));
    if (
      authentication.kind === 'psk' &&
      authentication.postquantumKey !== undefined &&
      !support.postquantumKeys
    ) {
      const why = 'The datapath of this node does not carry out post-quantum pre-shared keys';
      const advice = 'Leave ppk out.';
      problems.push(problemOf(problemKinds.unusableValue, 'ppk.identity', { why, advice }));
    }
  }
  return problems;
}
