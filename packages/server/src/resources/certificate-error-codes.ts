import { certificateRefusals } from '@esplanade/desired';
import { certificateProblemKinds } from '@esplanade/domain';
import type { ErrorCode } from '@esplanade/ontap';
import { withStatus } from './problem-status.ts';

/**
 * The codes of `/security/certificates` and `/security/ipsec/ca-certificates` that the server itself raises. NetApp
 * documents no status: what is not there is 404, the rest is the user's to mend (docs/discoveries/ontap.md).
 */
export const certificateErrors = {
  typeNotGenerated: {
    code: '3735622',
    status: 400,
    message:
      'A certificate of type {type} cannot be generated, only installed. Send public_certificate, or type server, client or root_ca.',
  },
  commonNameMissing: {
    code: '3735676',
    status: 400,
    message:
      'A certificate is generated for a name. Send common_name, or public_certificate to install one that there is.',
  },
  commonNameInvalid: {
    code: '3735588',
    status: 400,
    message:
      'A common name has 1 to 64 characters, no control character, " or \\ among them and no # at the start. Send another one.',
  },
  keySizeUnsupported: {
    code: '3735700',
    status: 400,
    message: 'Keys of {bits} bits are not generated. Send key_size {sizes}.',
  },
  hashUnsupported: {
    code: '52560173',
    status: 400,
    message: 'Certificates are not signed over {hash}. Send hash_function {hashes}.',
  },
  signerUnusable: {
    code: '3735628',
    status: 400,
    message:
      'Certificate "{name}" cannot sign: {why}. Name a root_ca that was generated here, or installed with its key.',
  },
  nameOfSigner: {
    code: '3735629',
    status: 400,
    message: 'The request is for the common name of the CA itself, "{name}". Ask for another one.',
  },
  outlivesSigner: {
    code: '3735630',
    status: 400,
    message: 'The certificate would outlive its CA, which expires on {date}. Send an earlier expiry_time.',
  },
  badSigningRequest: {
    code: '52559975',
    status: 400,
    message:
      'The signing request cannot be read, or is not signed with its own key. Send one in PEM, from -----BEGIN CERTIFICATE REQUEST----- to -----END CERTIFICATE REQUEST-----.',
  },
  notInstalled: {
    code: '66257304',
    status: 400,
    since: '9.13.1',
    before: '66257296',
    message:
      'There is no CA certificate with UUID "{uuid}" in {owner}. GET /api/security/certificates?type=*_ca lists those there are.',
  },
  /** The same under its former number. */
  notInstalledFormerly: {
    code: '66257296',
    status: 400,
    until: '9.12.1',
    message:
      'There is no CA certificate with UUID "{uuid}" in {owner}. GET /api/security/certificates?type=*_ca lists those there are.',
  },
  notInstalledForIpsec: {
    code: '66257298',
    status: 404,
    message:
      "entry doesn't exist: the certificate is installed, and not for IPsec. There is nothing to remove.",
  },
  notThereToRemove: {
    code: '66257303',
    status: 404,
    message: "entry doesn't exist: no certificate has that UUID. There is nothing to remove from IPsec.",
  },
} as const satisfies Record<string, ErrorCode>;

/** What the domain finds wrong with a certificate, and why desired state refuses one, with their statuses. */
export const certificateProblems = {
  ...withStatus({ ...certificateProblemKinds, ...certificateRefusals }),
  inUse: { ...certificateRefusals.inUse, status: 409 },
};
