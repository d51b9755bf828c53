import { certificateRules } from './certificate-failures.ts';

/** What a line of charon's log says about a negotiation that failed, as a sentence for an operator. */
export interface FailureReason {
  readonly reason: string;
  /** Whether the IKE SA as a whole failed, because of the key we proved or otherwise, or one CHILD SA on it. */
  readonly concerns: 'key' | 'ike' | 'child';
  /** The reason where the peers prove themselves by certificates, if it is another. */
  readonly reasonByCertificate?: string;
  /** Whether a line before this one may have said more. */
  readonly isVague?: true;
  /** Whether it is about one of several certificates that charon tries for the remote. */
  readonly isOfCandidate?: true;
  /** Whether a post-quantum key that differs looks the same: it goes into what proves the pre-shared key. */
  readonly mayBePostquantum?: true;
}

interface Rule {
  readonly line: RegExp;
  readonly concerns: FailureReason['concerns'];
  readonly mayBePostquantum?: true;
  readonly isVague?: true;
  readonly isOfCandidate?: true;
  readonly reasonByCertificate?: string;
  readonly reason: (...groups: readonly string[]) => string;
}

/**
 * Charon's own words (strongSwan 5.9.8, knowledge in docs/discoveries/charon.md) and what they mean. None of these
 * lines carries a key, and only what a rule captures is passed on.
 */
const rules: readonly Rule[] = [
  ...certificateRules.map((rule) => ({ ...rule, concerns: 'ike' }) as const),
  {
    // As responder, charon has no other line for it than the one about the packet.
    line: /^(?:received AUTHENTICATION_FAILED notify|parsed INFORMATIONAL request \d+ \[ N\(AUTH_FAILED\) \])/,
    concerns: 'key',
    mayBePostquantum: true,
    reason: () =>
      'The remote refused our authentication. Compare the pre-shared key and both identities on the two ends.',
    reasonByCertificate:
      'The remote refused our certificate, or has not the identity that we ask it for. Its log says which: it must trust the CA of our certificate, ours must be valid and not revoked, local_identity must be the one it expects, and remote_identity one that its certificate has and that it goes by; a distinguished name must have the same attributes in the same order.',
  },
  {
    line: /^tried \d+ shared keys? for '(.*)' - '(.*)', but MAC mismatched$/,
    concerns: 'ike',
    mayBePostquantum: true,
    reason: (local, remote) =>
      `The remote's authentication does not fit our pre-shared key (local identity ${local}, remote identity ${remote}). The keys of the two ends differ.`,
  },
  {
    line: /^no shared key found for '(.*)' - '(.*)'$/,
    concerns: 'ike',
    reason: (local, remote) =>
      `No pre-shared key belongs to local identity ${local} and remote identity ${remote}. Compare the identities on the two ends.`,
  },
  {
    line: /^received NO_PROPOSAL_CHOSEN notify error$/,
    concerns: 'ike',
    reason: () =>
      'The remote accepted none of our IKE algorithms, or has no policy for our address. Compare the cipher suite and the endpoints on the two ends.',
  },
  {
    line: /^received proposals unacceptable$/,
    concerns: 'ike',
    reason: () =>
      "We accepted none of the remote's IKE algorithms. Compare the cipher suite on the two ends.",
  },
  {
    line: /^received NO_PROPOSAL_CHOSEN notify, no CHILD_SA built$/,
    concerns: 'child',
    reason: () => 'The remote accepted none of our ESP algorithms. Compare the cipher suite on the two ends.',
  },
  {
    line: /^no acceptable proposal found$/,
    concerns: 'child',
    reason: () =>
      "We accepted none of the remote's ESP algorithms. Compare the cipher suite on the two ends.",
  },
  {
    line: /^received TS_UNACCEPTABLE notify/,
    concerns: 'child',
    reason: () =>
      'The remote has no policy for this traffic. Compare the addresses, the protocol and the ports on the two ends.',
  },
  {
    line: /^traffic selectors (.+) === (.+) unacceptable$/,
    concerns: 'child',
    reason: (local, remote) =>
      `The remote asked for traffic that no policy covers: local ${local}, remote ${remote}. Compare the addresses, the protocol and the ports on the two ends.`,
  },
  {
    line: /^PPK required but peer does not support PPK$/,
    concerns: 'ike',
    reason: () =>
      'The policy has a post-quantum pre-shared key, and the remote uses none. Give the other end the same ppk, or take it from the policy.',
  },
  {
    line: /^PPK required but no PPK_IDENTITY received$/,
    concerns: 'ike',
    reason: () =>
      'The policy has a post-quantum pre-shared key, and the remote named none. Give the other end the same ppk, or take it from the policy.',
  },
  {
    line: /^PPK required but no PPK found for '(.*)'$/,
    concerns: 'ike',
    reason: (identity) =>
      `charon has no post-quantum pre-shared key with identity ${identity}. Somebody else has unloaded it, unless it is being loaded just now.`,
  },
  {
    line: /^received PPK_ID '(.*)', but require '(.*)'$/,
    concerns: 'ike',
    reason: (theirs, ours) =>
      `The remote uses the post-quantum pre-shared key with identity ${theirs}, the policy the one with identity ${ours}. Give both ends the same ppk.`,
  },
  {
    line: /^no matching peer config found$/,
    concerns: 'ike',
    reason: () =>
      'The remote names identities that no policy expects. Compare both identities on the two ends.',
  },
  {
    line: /^selected peer config '.*' unacceptable: (.+)$/,
    concerns: 'ike',
    isVague: true,
    reason: (why) => `The remote authenticated in another way than the policy demands: ${why}.`,
  },
  {
    line: /^giving up after \d+ retransmits$/,
    concerns: 'ike',
    reason: () =>
      'The remote does not answer. It may be down, or UDP ports 500 and 4500 may be closed on the way.',
  },
  {
    line: /^unable to install .*\(SAD\) in kernel$/,
    concerns: 'child',
    reason: () => 'The kernel refused the SA. It may lack ESP or the algorithms of the cipher suite.',
  },
  {
    line: /^unable to install IPsec policies \(SPD\) in kernel$/,
    concerns: 'child',
    reason: () => 'The kernel refused the policy of the SA. Another program may hold the same selector.',
  },
];

/** What a log line says about a failed negotiation; undefined for the lines that say nothing of the kind. */
export function failureReason(line: string): FailureReason | undefined {
  for (const { line: pattern, reason, ...rest } of rules) {
    const groups = pattern.exec(line);
    if (groups !== null) return { ...rest, reason: reason(...groups.slice(1)) };
  }
  return undefined;
}
