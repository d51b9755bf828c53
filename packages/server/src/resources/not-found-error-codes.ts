import { type ErrorCode, failureOf, isKnownIn, problem, type Release } from '@esplanade/ontap';

/**
 * What ONTAP said of an unknown UUID before it came to the generic code 4: error tables of GET, PATCH and DELETE
 * /security/ipsec/policies/{uuid} and GET /security/ipsec/security-associations/{uuid}. Clients look for the words of
 * code 4, whichever the code is.
 */
export const notFoundErrors = {
  policy: {
    code: '66257116',
    status: 404,
    message: 'entry doesn\'t exist: no IPsec policy has the UUID "{uuid}".',
    until: '9.13.1',
  },
  ikeSa: {
    code: '66257118',
    status: 404,
    message: 'entry doesn\'t exist: no IKE SA has the UUID "{uuid}".',
    until: '9.12.1',
  },
  ipsecSa: {
    code: '66257119',
    status: 404,
    message: 'entry doesn\'t exist: no pair of ESP SAs has the UUID "{uuid}".',
    until: '9.12.1',
  },
} as const satisfies Record<string, ErrorCode>;

type NotFound = (typeof notFoundErrors)[keyof typeof notFoundErrors];

/** For a resource's `missing`: what the emulated release says, `undefined` where it says code 4. */
export function missingAs(release: Release, ...errors: readonly NotFound[]) {
  const known = errors.filter((error) => isKnownIn(release, error));
  return (uuid: string) => {
    const failed = failureOf(known.map((error) => problem(error, { uuid }, 'uuid')));
    return failed && { ...failed, status: 404 };
  };
}
