import { problemKinds } from '@esplanade/domain';
import type { ErrorCode } from '@esplanade/ontap';

/**
 * The codes of `/security/ipsec` and its policies that the server itself raises; those for a policy's own fields are
 * `problemKinds` in the domain, all of them 400. NetApp documents no status: a taken name is a conflict, the rest is
 * the user's to mend (docs/discoveries/ontap.md).
 */
export const ipsecErrors = {
  duplicateName: {
    code: '66257104',
    since: '9.9.1',
    before: '66257103',
    status: 409,
    message: 'A policy with the name "{name}" exists already in {scope}. Choose another name.',
  },
  /** The same under its former number. */
  duplicateNameFormerly: {
    code: '66257103',
    until: '9.8',
    status: 409,
    message: 'A policy with the name "{name}" exists already in {scope}. Choose another name.',
  },
  /** What is 66257144 and 66257133 now, in one. */
  protectionWithoutKeyFormerly: {
    code: '66257111',
    until: '9.15.1',
    status: 400,
    message: problemKinds.protectionWithoutAuthentication.message,
  },
  keyMissingFormerly: {
    code: '66257111',
    until: '9.15.1',
    status: 400,
    message: problemKinds.pskWithoutKey.message,
  },
  offloadWhileEnabled: {
    code: '66256913',
    since: '9.16.1',
    status: 400,
    message: 'offload_enabled cannot be changed while IPsec is enabled. Disable IPsec first.',
  },
  offloadWithReplay: {
    code: '66256915',
    since: '9.16.1',
    status: 400,
    message: 'Offload and anti-replay exclude each other. Send replay_window 0, or offload_enabled false.',
  },
  replayWindowUnsupported: {
    code: '66257007',
    since: '9.16.1',
    status: 400,
    message: 'The datapath of this node has no anti-replay window of {window}. It has {windows}.',
  },
  certificateWithoutPki: {
    code: '66257136',
    since: '9.16.1',
    status: 400,
    message:
      'This policy does not authenticate with certificates. Create one with authentication_method pki.',
  },
  unknownSvmName: {
    code: '66257202',
    since: '9.16.1',
    before: '2621462',
    status: 400,
    message: 'There is no SVM with the name "{name}". GET /api/svm/svms lists them.',
  },
  unknownSvmUuid: {
    code: '66257203',
    since: '9.16.1',
    before: '2621462',
    status: 400,
    message: 'There is no SVM with the UUID "{uuid}". GET /api/svm/svms lists them.',
  },
  ipspacesDisagree: {
    code: '66257204',
    since: '9.16.1',
    status: 400,
    message: 'ipspace.name "{name}" and ipspace.uuid "{uuid}" are not the same IPspace. Send one of them.',
  },
  svmNotInIpspace: {
    code: '66257205',
    since: '9.16.1',
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
