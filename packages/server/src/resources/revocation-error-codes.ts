import { revocationRefusals } from '@esplanade/desired';
import { revocationProblemKinds } from '@esplanade/domain';
import type { ErrorCode } from '@esplanade/ontap';
import { withStatus } from './problem-status.ts';

/** The codes of certificate revocation lists: what the domain finds wrong with one, what must not stand beside others, and
 * what records of them may not say. */
export const revocationErrors = {
  ...withStatus({ ...revocationProblemKinds, ...revocationRefusals }),
  caUnknown: {
    code: '262185',
    status: 400,
    message:
      'There is no CA certificate with UUID "{uuid}" in {owner}. GET /api/security/certificates?type=*_ca lists those there are.',
  },
  urlRefused: {
    code: '262197',
    status: 400,
    message:
      'A certificate revocation list cannot be fetched from there. {why} Send another url, or the list itself as crl.',
  },
  urlTooLong: {
    code: '262197',
    status: 400,
    message: 'The url has {characters} characters and {most} are allowed. Send a shorter one.',
  },
  nothingToKeep: {
    code: '262278',
    status: 400,
    message: 'There would be neither a list nor a place to fetch it from. Send url, crl or both.',
  },
} as const satisfies Record<string, ErrorCode>;
