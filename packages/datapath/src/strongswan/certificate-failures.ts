/** What charon's log says of a remote whose certificate it did not take, as a sentence for an operator. */
export interface CertificateRule {
  readonly line: RegExp;
  /** It says that something is wrong, and a line before it may have said what. */
  readonly isVague?: true;
  /** It is about one of the certificates that charon tries: the one shown, then those that it remembers. */
  readonly isOfCandidate?: true;
  readonly reason: (...groups: readonly string[]) => string;
}

const trusted = 'those that /api/security/ipsec/ca-certificates lists for the owner of the policy';

/** Charon's own words (strongSwan 5.9.8 to 6.1.0). */
export const certificateRules: readonly CertificateRule[] = [
  {
    isOfCandidate: true,
    line: /^(subject|issuer) certificate invalid \(valid from (.+) to (.+)\)$/,
    reason: (whose, from = '', to = '') =>
      `The ${whose === 'issuer' ? 'certificate of the CA that vouches for the remote' : "remote's certificate"} ${validityOf(from)}: it is valid from ${from} to ${to}. Renew it, or set the clocks of the two ends right.`,
  },
  {
    isOfCandidate: true,
    line: /^ {2}issuer is "(.*)"$/,
    reason: (issuer) =>
      `The remote's certificate was issued by "${issuer}", which the policy does not trust: it trusts ${trusted}. Add that CA, or give the remote a certificate of a trusted one. A CA between it and a trusted one must be sent by the remote.`,
  },
  {
    isOfCandidate: true,
    line: /^certificate was revoked on (.+), reason: (.+)$/,
    reason: (when, why) =>
      `The remote's certificate was revoked on ${when} (${why}). Give the remote another one.`,
  },
  {
    line: /^constraint check failed: RULE_CRL_VALIDATION is /,
    reason: () =>
      "Whether the remote's certificate is revoked is not known, because there is no current revocation list of its CA, and the policy asks for one.",
  },
  {
    // 6.0 says the identity's type too, and which one was proved.
    line: /^constraint check failed: identity '(.*?)'(?: \(\w+\))? required/,
    reason: (identity) =>
      `The remote proved another identity than remote_identity ${identity}. Compare it with the subject and the alternative names of the remote's certificate; a distinguished name must have the same attributes in the same order.`,
  },
  {
    line: /^(?:constraint check failed: )?peer not authenticated by CA '(.*)'/,
    reason: () =>
      `The remote's certificate is of a CA that is trusted elsewhere, but not by this policy: it trusts ${trusted}.`,
  },
  {
    isOfCandidate: true,
    line: /^signature validation failed, looking for another key$/,
    reason: () =>
      "The remote's signature does not fit its certificate: it has another private key than the one that belongs to it.",
  },
  {
    line: /^no private key found for '(.*)'$/,
    reason: (identity) =>
      `charon has no private key for our identity ${identity}. Somebody else has unloaded it, unless it is being loaded just now.`,
  },
  {
    line: /^no trusted .+ public key found for '(.*)'$/,
    isVague: true,
    reason: (identity) =>
      `The remote claims identity ${identity} and shows no trusted certificate that has it. Compare its identity with the subject and the alternative names of its certificate.`,
  },
];

/** Charon writes times as its host shows them, without a zone. */
function validityOf(from: string): string {
  return Date.parse(from) > Date.now() ? 'is not valid yet' : 'has expired';
}
