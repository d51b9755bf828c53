import type { DesiredSnapshot } from '@esplanade/desired';
import type { PolicyScope, Reference } from '@esplanade/domain';
import {
  type ApiFailure,
  failure,
  genericErrors,
  isFailure,
  type ParsedBody,
  type Principal,
} from '@esplanade/ontap';
import { textOf } from './body-reader.ts';
import { ipsecErrors } from './ipsec-error-codes.ts';
import { recordErrors } from './record-error-codes.ts';
import { defaultIpspace, namedIpspace, namedSvm, onlySvm } from './svm-reference.ts';
import { joinedFailure } from './write-failure.ts';

/** To whom a new policy belongs and in which IPspace it works. */
export interface PolicyOwner {
  readonly scope: PolicyScope;
  readonly ipspace: Reference;
}

/**
 * Reads `svm`, `ipspace` and `scope` of a new policy. An SVM brings its IPspace; `scope: cluster` means an IPspace
 * (`Default` unless named) and no SVM; with neither it is the single SVM, if there is exactly one (decision 17).
 */
export function policyOwner(
  body: ParsedBody,
  principal: Principal,
  snapshot: DesiredSnapshot,
): PolicyOwner | ApiFailure {
  const scope = readScope(textOf(body, 'scope'));
  const svm = namedSvm(body, principal, snapshot);
  const ipspace = namedIpspace(body, snapshot, principal);
  if (isFailure(scope) || isFailure(svm) || isFailure(ipspace)) return joinedFailure(scope, svm, ipspace);
  if (scope === 'cluster') {
    if (svm !== undefined) return failure(recordErrors.clusterWithSvm, {}, 'scope');
    return { scope: { kind: 'cluster' }, ipspace: ipspace ?? defaultIpspace(snapshot) };
  }
  const owner = svm ?? onlySvm(snapshot);
  if (isFailure(owner)) return owner;
  if (ipspace !== undefined && ipspace.uuid !== owner.ipspace.uuid) {
    const names = { svm: owner.name, own: owner.ipspace.name, given: ipspace.name };
    return failure(ipsecErrors.svmNotInIpspace, names, 'ipspace.name');
  }
  return { scope: { kind: 'svm', svm: { uuid: owner.uuid, name: owner.name } }, ipspace: owner.ipspace };
}

function readScope(text: string | undefined): 'svm' | 'cluster' | undefined | ApiFailure {
  if (text === undefined || text === 'svm' || text === 'cluster') return text;
  const given = { value: text, field: 'scope', values: 'svm, cluster' };
  return failure(genericErrors.notAmongValues, given, 'scope');
}
