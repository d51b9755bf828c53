import type { ProblemKind } from './problem-kinds.ts';

/**
 * What can be wrong with a certificate that is to be installed, with ONTAP's codes for it (error table of POST
 * /security/certificates), and a generic one where that table has none. Each answers 400.
 */
export const certificateProblemKinds = {
  badCertificate: {
    code: '52559975',
    message:
      '{what}. Send one certificate in PEM, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.',
  },
  notYetValid: {
    code: '52559972',
    message: '{what} is not valid before {date}. Check the clock of whoever issued it, or install it then.',
  },
  expired: { code: '52559973', message: '{what} has expired on {date}. Send one that is valid now.' },
  noCommonName: {
    code: '3735558',
    message: 'The subject of the certificate has no common name. Have one issued that has.',
  },
  notOfCa: {
    code: '3735632',
    message:
      '{what} is not that of a CA: its basic constraints do not say CA:TRUE, or its key usage does not allow to sign certificates. {advice}',
  },
  unsupportedKey: {
    code: '52363366',
    message:
      '{what} has a key that IKE cannot use. It takes RSA, elliptic curves P-256, P-384 and P-521, Ed25519 and Ed448.',
  },
  keySize: {
    code: '3735700',
    message: '{what} has an RSA key of {bits} bits. Have one issued for a key of at least {least} bits.',
  },
  weakHash: {
    code: '52560173',
    message: '{what} is signed over {hash}, which can be forged. Have one issued over sha256 or better.',
  },
  keyMissing: {
    code: '3735693',
    message: 'A certificate of type {type} needs its key. Send private_key in PEM.',
  },
  keyOfCa: {
    code: '3735618',
    message: 'A certificate of type {type} is there to check others and takes no key. Leave private_key out.',
  },
  badKey: {
    code: '52560123',
    message: 'The private key is {what}. Send it in PEM, PKCS #8, PKCS #1 or SEC 1, not encrypted.',
  },
  keyMismatch: {
    code: '52559976',
    message: 'The private key is not the key of the certificate. Send those that belong together.',
  },
  intermediatesOfCa: {
    code: '3735696',
    message:
      'A certificate of type {type} takes no intermediate certificates. Install each CA by itself, and leave intermediate_certificates out.',
  },
  tooManyIntermediates: {
    code: '262197',
    message:
      '{count} intermediate certificates are given and {most} are allowed. Leave out what is not on the way to the root.',
  },
  strayIntermediate: {
    code: '262197',
    message:
      '{what} has issued neither the certificate nor another intermediate one. Leave it out, or send the one between.',
  },
} as const satisfies Record<string, ProblemKind>;
