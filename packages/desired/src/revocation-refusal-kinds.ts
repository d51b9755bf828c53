import type { ProblemKind } from '@esplanade/domain';

/** How many CAs an SVM may keep revocation lists for: what is fetched for one must not hold up the others. */
export const mostListsPerSvm = 32;

/** Why a rule over several records forbids to trust a CA, or to keep its revocation list. ONTAP has no shape for them. */
export const revocationRefusals = {
  /** The same whoever asks and whosever the other is. */
  namesakeElsewhere: {
    code: '262186',
    message:
      "A CA with another key has this one's subject name or subject key identifier and is in use outside this SVM or cluster scope. IKE tells the revocation lists of the two apart by nothing else, so one would take the other's place. Use a CA with a name and a key identifier of its own, or ask an administrator.",
  },
  namesakeWithList: {
    code: '262186',
    message:
      'Certificate "{name}" is of a CA with the same subject name or subject key identifier and another key, and its revocation list is in force: strongSwan keeps only one of the two. Take the list of "{name}" away first, or have this CA be one with a name and a key identifier of its own.',
  },
  tooManyLists: {
    code: '262186',
    message:
      'SVM "{name}" has revocation lists of {limit} CAs, its limit. Delete some that are no longer needed.',
  },
} as const satisfies Record<string, ProblemKind>;
