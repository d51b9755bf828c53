import type { ApiRequest } from './api.ts';
import { failure, genericErrors } from './error-codes.ts';
import { type ApiFailure, isFailure } from './errors.ts';
import type { Principal } from './resource.ts';

/** Finds an SVM's UUID by its name or UUID; undefined when there is none. */
export type ResolveSvm = (
  reference: { readonly name: string } | { readonly uuid: string },
) => string | undefined;

/**
 * Who asks, with `X-Dot-SVM-Name` and `-UUID` taken into account: they narrow an administrator's request to one SVM.
 * An account that belongs to an SVM cannot reach another one so, and does not learn whether it exists.
 */
export function tunnelledPrincipal(request: ApiRequest, resolveSvm: ResolveSvm): Principal | ApiFailure {
  const { principal, tunnelSvmName: name, tunnelSvmUuid: uuid } = request;
  const byName = name === undefined ? undefined : (resolveSvm({ name }) ?? svmNotFound(name));
  const byUuid = uuid === undefined ? undefined : (resolveSvm({ uuid }) ?? svmNotFound(uuid));
  const svmUuid = byName ?? byUuid;
  if (svmUuid === undefined) return principal;
  if (principal.svmUuid !== undefined) {
    const isOwn = [byName, byUuid].every((each) => each === undefined || each === principal.svmUuid);
    return isOwn ? principal : failure(genericErrors.notAuthorized, {});
  }
  if (isFailure(svmUuid)) return svmUuid;
  if (isFailure(byUuid)) return byUuid;
  if (byUuid !== undefined && byUuid !== svmUuid) {
    return failure(genericErrors.svmsDisagree, { uuid: uuid ?? '', name: name ?? '' });
  }
  return { ...principal, svmUuid };
}

function svmNotFound(svm: string): ApiFailure {
  return failure(genericErrors.svmNotFound, { svm });
}
