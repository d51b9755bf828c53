import type { PolicyScope, RevocationMode } from '@esplanade/domain';
import type { Revision } from '@esplanade/store';
import { revocationModeDocument } from './documents.ts';
import { keys, scopeKey } from './keys.ts';
import type { CaRevocationList } from './model.ts';
import { absent, answer, at, holdSvm, type Plan, refuseMissing } from './plan.ts';
import { holdCertificate } from './plan-certificate.ts';
import { revocationListDocument } from './revocation-list-document.ts';
import type { SecretBox } from './secret-box.ts';

/** Keeps a revocation list for a CA whose certificate is there: `duplicate` when one is kept already. */
export function planRevocationListCreation(record: CaRevocationList, box: SecretBox): Plan {
  const { certificateUuid } = record;
  return (present) => {
    if (present.snapshot.revocationLists.has(certificateUuid)) return answer({ kind: 'duplicate' });
    const certificate = holdCertificate(present, certificateUuid, box);
    if (certificate === undefined) return answer({ kind: 'not-found' });
    const key = keys.revocationList(certificateUuid);
    const value = revocationListDocument.write(record);
    return { kind: 'commit', writes: [{ kind: 'put', key, value, expect: absent }, certificate] };
  };
}

/** Replaces what is kept for a CA. */
export function planRevocationListUpdate(record: CaRevocationList, expected: Revision): Plan {
  return ({ snapshot }) => {
    const before = snapshot.revocationLists.get(record.certificateUuid);
    if (before === undefined) return answer({ kind: 'not-found' });
    if (before.modified !== expected) return answer({ kind: 'conflict' });
    const key = keys.revocationList(record.certificateUuid);
    const value = revocationListDocument.write(record);
    return { kind: 'commit', writes: [{ kind: 'put', key, value, expect: at(before) }] };
  };
}

/** Keeps no revocation list for a CA any more. */
export function planRevocationListDeletion(certificateUuid: string): Plan {
  return ({ snapshot }) => {
    const before = snapshot.revocationLists.get(certificateUuid);
    if (before === undefined) return answer({ kind: 'not-found' });
    const key = keys.revocationList(certificateUuid);
    return { kind: 'commit', writes: [{ kind: 'delete', key, expect: at(before) }] };
  };
}

/** Sets what becomes of remotes of one owner's policies whose certificate's status is unknown. */
export function planRevocationMode(scope: PolicyScope, mode: RevocationMode): Plan {
  return (present) => {
    const svm = scope.kind === 'svm' ? holdSvm(present, scope.svm) : undefined;
    if (scope.kind === 'svm' && svm === undefined) return refuseMissing('svm.name', scope.svm);
    const key = keys.revocationMode(scopeKey(scope));
    const value = revocationModeDocument.write(mode);
    return {
      kind: 'commit',
      writes: [{ kind: 'put', key, value, expect: { kind: 'any' } }, ...(svm === undefined ? [] : [svm])],
    };
  };
}
