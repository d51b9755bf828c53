import type { DesiredSnapshot } from '@esplanade/desired';
import type { PolicyScope } from '@esplanade/domain';
import {
  type ApiFailure,
  failure,
  genericErrors,
  isFailure,
  type ParsedBody,
  type Principal,
} from '@esplanade/ontap';
import { accountErrors } from './account-error-codes.ts';
import { textOf } from './body-reader.ts';
import { ambiguousOwner, namedSvm } from './svm-reference.ts';

/** Whom an account or a role belongs to, as it is shown. */
export interface Owner {
  readonly uuid: string;
  readonly name: string;
}

/** The owner by `owner.name` and `owner.uuid`: the SVM that a body names or the request is for; the cluster by its own name or UUID, or without one. */
export function ownerScope(
  body: ParsedBody,
  principal: Principal,
  snapshot: DesiredSnapshot,
): PolicyScope | ApiFailure {
  const name = textOf(body, 'owner.name');
  const uuid = textOf(body, 'owner.uuid')?.toLowerCase();
  const { cluster } = snapshot;
  const ambiguous = uuid === undefined && principal.svmUuid === undefined;
  const failed = ambiguous ? ambiguousOwner(name, 'owner.name', snapshot) : undefined;
  if (failed !== undefined) return failed;
  const namesCluster = name === cluster.name || uuid === cluster.uuid;
  const isOther = (name ?? cluster.name) !== cluster.name || (uuid ?? cluster.uuid) !== cluster.uuid;
  if (namesCluster && !isOther && principal.svmUuid === undefined) return { kind: 'cluster' };
  const owner: ParsedBody = new Map(
    [['svm.name', name] as const, ['svm.uuid', uuid] as const].filter(([, text]) => text !== undefined),
  );
  const svm = namedSvm(
    owner,
    principal,
    snapshot,
    (given, target) => failure(genericErrors.svmNotFound, { svm: given }, target.replace('svm', 'owner')),
    (named) => failure(accountErrors.ownersDisagree, named, 'owner.uuid'),
  );
  if (isFailure(svm)) return svm;
  return svm === undefined ? { kind: 'cluster' } : { kind: 'svm', svm: { uuid: svm.uuid, name: svm.name } };
}

/** Whom a scope is shown as. */
export function ownerOf({ cluster }: Pick<DesiredSnapshot, 'cluster'>, scope: PolicyScope): Owner {
  return scope.kind === 'svm' ? scope.svm : cluster;
}

/** The owner of that UUID; undefined when there is none. */
export function scopeOfOwner(
  { cluster, svms }: Pick<DesiredSnapshot, 'cluster' | 'svms'>,
  uuid: string,
): PolicyScope | undefined {
  if (uuid.toLowerCase() === cluster.uuid) return { kind: 'cluster' };
  const svm = svms.get(uuid.toLowerCase())?.value;
  return svm && { kind: 'svm', svm: { uuid: svm.uuid, name: svm.name } };
}

/** Whether what belongs to the scope exists for the principal. */
export function isVisibleTo({ svmUuid }: Principal, scope: PolicyScope): boolean {
  return svmUuid === undefined || (scope.kind === 'svm' && scope.svm.uuid === svmUuid);
}
