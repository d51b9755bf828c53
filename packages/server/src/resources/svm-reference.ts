import type { DesiredSnapshot, Svm } from '@esplanade/desired';
import { type ApiFailure, failure, genericErrors, type ParsedBody, type Principal } from '@esplanade/ontap';
import { textOf } from './body-reader.ts';
import { ipsecErrors } from './ipsec-error-codes.ts';

interface Named {
  readonly uuid: string;
  readonly name: string;
}

/**
 * The SVM a body names by `svm.name` or `svm.uuid`, or the one the request is tunnelled to; `undefined` when neither
 * names one. An SVM the principal may not see does not exist for it. `unknown` says so where IPsec's own codes do not
 * fit, and
 * `disagreement` where the fields are called otherwise.
 */
export function namedSvm(
  body: ParsedBody,
  principal: Principal,
  snapshot: DesiredSnapshot,
  unknown: (given: string, target: 'svm.name' | 'svm.uuid') => ApiFailure = unknownToIpsec,
  disagreement: (named: Readonly<Record<'uuid' | 'name', string>>) => ApiFailure = svmsDisagree,
): Svm | undefined | ApiFailure {
  const name = textOf(body, 'svm.name');
  const uuid = textOf(body, 'svm.uuid');
  const visible = [...snapshot.svms.values()]
    .map(({ value }) => value)
    .filter((svm) => principal.svmUuid === undefined || svm.uuid === principal.svmUuid);
  const byName = visible.find((svm) => svm.name === name);
  const byUuid = visible.find((svm) => svm.uuid === uuid);
  if (name !== undefined && byName === undefined) return unknown(name, 'svm.name');
  if (uuid !== undefined && byUuid === undefined) return unknown(uuid, 'svm.uuid');
  if (byName !== undefined && byUuid !== undefined && byName !== byUuid)
    return disagreement({ uuid: byUuid.uuid, name: byName.name });
  return byName ?? byUuid ?? (principal.svmUuid === undefined ? undefined : visible[0]);
}

/**
 * The failure for an owner by a name that both the cluster and an SVM have, as an SVM made by an earlier release may;
 * `undefined` for any other name.
 */
export function ambiguousOwner(
  name: string | undefined,
  field: string,
  { svms, cluster }: DesiredSnapshot,
): ApiFailure | undefined {
  const svm = [...svms.values()].find(({ value }) => value.name === name);
  if (name === undefined || name !== cluster.name || svm === undefined) return undefined;
  const expected = `a name that not both an SVM and the cluster have: rename SVM ${svm.value.uuid}, or name the owner by UUID where there is a field for it`;
  return failure(genericErrors.invalidValue, { value: name, field, expected }, field);
}

function svmsDisagree(named: Readonly<Record<'uuid' | 'name', string>>): ApiFailure {
  return failure(genericErrors.svmsDisagree, named, 'svm.uuid');
}

function unknownToIpsec(given: string, target: 'svm.name' | 'svm.uuid'): ApiFailure {
  return target === 'svm.name'
    ? failure(ipsecErrors.unknownSvmName, { name: given }, target)
    : failure(ipsecErrors.unknownSvmUuid, { uuid: given }, target);
}

/** The only SVM there is, for requests that name none; else 2621707. */
export function onlySvm(snapshot: DesiredSnapshot): Svm | ApiFailure {
  const [only, ...others] = [...snapshot.svms.values()];
  if (only !== undefined && others.length === 0) return only.value;
  return failure(genericErrors.svmMissing, {}, 'svm.name');
}

/**
 * The IPspace a body names by `ipspace.name` or `ipspace.uuid`; `undefined` when it names none. For who is narrowed to an
 * SVM there is only the IPspace of that SVM.
 */
export function namedIpspace(
  body: ParsedBody,
  snapshot: DesiredSnapshot,
  { svmUuid }: Pick<Principal, 'svmUuid'> = {},
): Named | undefined | ApiFailure {
  const name = textOf(body, 'ipspace.name');
  const uuid = textOf(body, 'ipspace.uuid');
  const own = svmUuid === undefined ? undefined : snapshot.svms.get(svmUuid)?.value.ipspace.uuid;
  const ipspaces = [...snapshot.ipspaces.values()]
    .map(({ value }) => value)
    .filter((ipspace) => svmUuid === undefined || ipspace.uuid === own);
  const byName = ipspaces.find((ipspace) => ipspace.name === name);
  const byUuid = ipspaces.find((ipspace) => ipspace.uuid === uuid);
  if (name !== undefined && byName === undefined) return unknownIpspace('ipspace.name', name);
  if (uuid !== undefined && byUuid === undefined) return unknownIpspace('ipspace.uuid', uuid);
  if (name !== undefined && uuid !== undefined && byName !== byUuid)
    return failure(ipsecErrors.ipspacesDisagree, { name, uuid }, 'ipspace.uuid');
  return byName ?? byUuid;
}

/** The IPspace of the host's own network namespace, which is always there. */
export function defaultIpspace(snapshot: DesiredSnapshot): Named {
  for (const { value } of snapshot.ipspaces.values()) if (value.name === 'Default') return value;
  throw new Error('the IPspace Default is missing from the desired state');
}

function unknownIpspace(target: string, value: string): ApiFailure {
  const expected = 'an IPspace that GET /api/network/ipspaces lists';
  return failure(genericErrors.invalidValue, { value, field: target, expected }, target);
}
