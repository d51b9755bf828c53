import type { ErrorCode } from '@esplanade/ontap';

/**
 * The codes of `/security/ipsec` and its policies that the server itself raises; those for a policy's own fields are
 * `problemCodes` in the domain, all of them 400. NetApp documents no status: a taken name is a conflict, the rest is
 * the user's to mend (docs/discoveries/ontap.md).
 */
export const ipsecErrors = {
  duplicateName: {
    code: '66257104',
    status: 409,
    message: 'A policy with the name "{name}" exists already in {scope}. Choose another name.',
  },
  offloadWhileEnabled: {
    code: '66256913',
    status: 400,
    message: 'offload_enabled cannot be changed while IPsec is enabled. Disable IPsec first.',
  },
  offloadWithReplay: {
    code: '66256915',
    status: 400,
    message: 'Offload and anti-replay exclude each other. Send replay_window 0, or offload_enabled false.',
  },
  replayWindowUnsupported: {
    code: '66257007',
    status: 400,
    message: 'The datapath of this node has no anti-replay window of {window}. It has {windows}.',
  },
  certificateWithoutPki: {
    code: '66257136',
    status: 400,
    message:
      'This policy does not authenticate with certificates. Create one with authentication_method pki.',
  },
  unknownSvmName: {
    code: '66257202',
    status: 400,
    message: 'There is no SVM with the name "{name}". GET /api/svm/svms lists them.',
  },
  unknownSvmUuid: {
    code: '66257203',
    status: 400,
    message: 'There is no SVM with the UUID "{uuid}". GET /api/svm/svms lists them.',
  },
  ipspacesDisagree: {
    code: '66257204',
    status: 400,
    message: 'ipspace.name "{name}" and ipspace.uuid "{uuid}" are not the same IPspace. Send one of them.',
  },
  svmNotInIpspace: {
    code: '66257205',
    status: 400,
    message: 'SVM "{svm}" is in IPspace "{own}", not in "{given}". Leave ipspace out, or name another SVM.',
  },
  /** Ours: ONTAP has no code for it, so it is outside NetApp's ranges. */
  wouldLockOut: {
    code: '990001',
    status: 409,
    message:
      'This would cut off the very connection the request came over ({connection}): {why}. Add ?force=true if that is what you want.',
  },
} as const satisfies Record<string, ErrorCode>;
