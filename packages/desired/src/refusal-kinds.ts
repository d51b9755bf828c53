import type { ProblemKind } from '@esplanade/domain';

/** Why a rule over several records forbids a write (`WriteResult`'s `refused`), with ONTAP's generic codes. */
export const refusalKinds = {
  addressTaken: {
    code: '1',
    message:
      '{address} is the address of interface "{other}" in IPspace "{ipspace}". Use another address, or delete that interface first.',
  },
  parentMissing: { code: '4', message: '{field} "{name}" doesn\'t exist. Create it first.' },
  svmFull: {
    code: '66257121',
    message: 'SVM "{name}" has {limit} policies, its limit. Delete some that are no longer needed.',
  },
  clusterFull: {
    code: '66257130',
    since: '9.16.1',
    before: '66257121',
    message: 'The cluster has {limit} policies, its limit. Delete some that are no longer needed.',
  },
  /** Ours: in ONTAP who may create a policy may name any address. */
  addressNotOwned: {
    code: '990002',
    message:
      'SVM "{svm}" does not own {local}: its accounts may use only the addresses of its enabled interfaces, one by one. GET /api/network/ip/interfaces lists them; an administrator can add one.',
  },
  stillUsed: { code: '8', message: '{record} still has {user}. Delete it first.' },
  /** ONTAP has no code of its own for this; its generic "a field cannot stand beside another" comes closest. */
  peerWithAnotherKey: {
    code: '262186',
    message:
      'Policy "{name}" ({uuid}) of {owner} has the same endpoints and identities with another pre-shared key, and IKE cannot tell the two apart. Use its key, change both keys one after the other with an overlap, give one of them an identity of its own, or disable it first.',
  },
  /** The same where the other policy does not exist for who asks. */
  peerTakenElsewhere: {
    code: '262186',
    message:
      'The same endpoints and identities are in use outside this SVM, and IKE could not tell the two apart. Give this policy an identity of its own, or ask an administrator.',
  },
  /** Ours: ONTAP does not look at the identities of other policies. */
  identityOfAnotherOwner: {
    code: '262186',
    message:
      'Policy "{name}" ({uuid}) of {owner} has the identity "{identity}" with another pre-shared key. IKE finds keys by either identity, so whoever has one of the keys could come up under the policy of the other. Give each SVM identities of its own, use the same key, or disable that policy first.',
  },
  /** The same where the other policy does not exist for who asks. */
  identityTakenElsewhere: {
    code: '262186',
    message:
      'The identity "{identity}" is in use outside this SVM. IKE finds keys by either identity, so whoever has a key of the one could come up under the policy of the other. Give each SVM identities of its own, or ask an administrator.',
  },
  /** Ours: an address as identity is a claim on that address. */
  identityNotOwned: {
    code: '990002',
    message:
      'SVM "{svm}" does not own {local}: its accounts may name as our identity only the addresses of its enabled interfaces. GET /api/network/ip/interfaces lists them; leave the field out to go by the local address.',
  },
  /** Ours: our addresses as a remote's identity would give our other SVMs' policies a key they did not choose. */
  identityOfAnotherInterface: {
    code: '990002',
    message:
      'The identity "{identity}" is an address of ours that SVM "{svm}" does not own, so no remote of it has that. Send the identity of the remote.',
  },
  /** Ours: a key of no identity would count for every policy. */
  noIdentity: {
    code: '990002',
    message:
      'Neither side of this policy is one host or has an identity, so its pre-shared key would count for all policies of the IPspace. Have one side be one host, or give one an identity.',
  },
  peerWithAnotherPostquantumKey: {
    code: '262186',
    subjectSince: '9.17.1',
    message:
      'Policy "{name}" ({uuid}) of {owner} has the same endpoints and identities with another post-quantum pre-shared key, or only one of the two has any, and IKE cannot tell the two apart. Use the same ppk, give one of them an identity of its own, or disable it first.',
  },
  postquantumIdentityWithAnotherKey: {
    code: '262186',
    subjectSince: '9.17.1',
    message:
      'Policy "{name}" ({uuid}) of {owner} has another key under the same ppk.identity, and in an IPspace a post-quantum pre-shared key is found by that alone. Use its key, or another ppk.identity.',
  },
  /** Both where the other policy does not exist for who asks. */
  postquantumKeyTakenElsewhere: {
    code: '262186',
    subjectSince: '9.17.1',
    message:
      'The same endpoints and identities, or the same ppk.identity, are in use outside this SVM. Use another ppk.identity, give this policy an identity of its own, or ask an administrator.',
  },
} as const satisfies Record<string, ProblemKind>;

/** Why a role may not go, with ONTAP's code. */
export const roleRefusals = {
  roleInUse: {
    code: '5636172',
    message:
      'Account "{user}" has the role "{name}". Give it another role, or delete it, and then delete the role.',
  },
} as const satisfies Record<string, ProblemKind>;

/** Why an account may not be made, go, be locked or get another role, with ONTAP's codes. */
export const accountRefusals = {
  roleUnknown: {
    code: '7077906',
    message: '{owner} has no role "{role}". GET /api/security/roles lists those there are.',
  },
  lastAdministrator: {
    code: '5636098',
    message:
      'Account "{name}" is the last unlocked one with role admin and a password. Create or unlock another administrator first.',
  },
} as const satisfies Record<string, ProblemKind>;

/** Why a certificate may not be installed or deleted, with ONTAP's codes. */
export const certificateRefusals = {
  /** The sentence that NetApp's Ansible module tells, with its two spaces. */
  sameCertificate: {
    code: '1',
    message: 'duplicate entry.  Same certificate may already exist under a different name.',
  },
  inUse: { code: '52560272', message: 'Certificate "{name}" is used by {user}. Remove that first.' },
} as const satisfies Record<string, ProblemKind>;
