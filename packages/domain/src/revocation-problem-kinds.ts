import type { ProblemKind } from './problem-kinds.ts';

/**
 * What can be wrong with a certificate revocation list. ONTAP has no shape for them, so its generic codes stand for all
 * of it. Each answers 400.
 */
export const revocationProblemKinds = {
  unreadable: {
    code: '262185',
    message:
      'That is no certificate revocation list. Send one, PEM from -----BEGIN X509 CRL----- to -----END X509 CRL-----, or base64 of its DER.',
  },
  severalBlocks: {
    code: '262185',
    message:
      'There is more than one block of PEM. Send one, that of the certificate revocation list which this CA has issued.',
  },
  tooLarge: {
    code: '262197',
    message:
      'The certificate revocation list has {bytes} bytes in DER, and strongSwan takes {most}. Have the CA leave out certificates that have expired.',
  },
  notOfCa: {
    code: '262197',
    message:
      'The certificate revocation list is not signed by this CA. Send the one that this CA has issued, or name the CA that has issued it.',
  },
  caMayNotSign: {
    code: '262197',
    message:
      "The key usage of this CA's certificate does not allow to sign certificate revocation lists. Install a certificate of the CA that has cRLSign.",
  },
  unsupportedSignature: {
    code: '262197',
    message:
      'The certificate revocation list is signed in a way that is not taken. Have it signed over sha256, sha384 or sha512 with RSA (PKCS #1) or ECDSA, or with Ed25519 or Ed448.',
  },
  unusable: {
    code: '262197',
    message: 'The certificate revocation list {why}. Send a complete one of version 2, as RFC 5280 has it.',
  },
  notYetValid: {
    code: '262197',
    message:
      'The certificate revocation list is not valid before {date}. Check the clock of whoever issued it.',
  },
  outdated: {
    code: '262197',
    message: 'A newer certificate revocation list was due on {date}. Send that.',
  },
  notNewer: {
    code: '262197',
    message:
      'The certificate revocation list has number {number} and one of this CA that was there before has {held}: strongSwan keeps the one with the higher number. Have a new one issued, with a higher number.',
  },
} as const satisfies Record<string, ProblemKind>;
