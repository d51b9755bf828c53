import type { DesiredSnapshot } from '@esplanade/desired';
import { isSameScope, type PolicyScope, type ValidationContext } from '@esplanade/domain';

/** The certificates that policies of this owner may show; without an owner, none are known. */
export function certificatesOf(
  { certificates }: DesiredSnapshot,
  scope: PolicyScope | undefined,
): ValidationContext['certificates'] {
  return {
    owner: scope?.kind === 'svm' ? `SVM "${scope.svm.name}"` : 'the cluster',
    *certificates() {
      if (scope === undefined) return;
      for (const { value } of certificates.values()) if (isSameScope(value.scope, scope)) yield value;
    },
  };
}
