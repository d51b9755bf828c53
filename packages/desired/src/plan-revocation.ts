import {
  type Certificate,
  isSameScope,
  type PolicyScope,
  problemOf,
  type RevocationMode,
} from '@esplanade/domain';
import type { DocumentWrite, Revision } from '@esplanade/store';
import { holdCaNames, holdListNumber } from './ca-namesakes.ts';
import { revocationModeDocument } from './documents.ts';
import { keys, scopeKey } from './keys.ts';
import type { CaRevocationList } from './model.ts';
import {
  absent,
  answer,
  at,
  type Held,
  holdSvm,
  isAsExpected,
  type Plan,
  type Present,
  refuse,
  refuseMissing,
  type Step,
} from './plan.ts';
import { holdCertificate } from './plan-certificate.ts';
import { revocationListDocument } from './revocation-list-document.ts';
import { mostListsPerSvm, revocationRefusals } from './revocation-refusal-kinds.ts';
import type { SecretBox } from './secret-box.ts';

/**
 * Keeps a revocation list for a CA whose certificate is there: `duplicate` when one is kept already, `refused` when its
 * SVM has too many, or when the CA or the list must not stand beside others (ca-namesakes.ts).
 */
export function planRevocationListCreation(record: CaRevocationList, box: SecretBox): Plan {
  const { certificateUuid } = record;
  return (present) => {
    if (present.snapshot.revocationLists.has(certificateUuid)) return answer({ kind: 'duplicate' });
    const ca = present.snapshot.certificates.get(certificateUuid)?.value;
    const certificate = holdCertificate(present, certificateUuid, box);
    if (ca === undefined || certificate === undefined) return answer({ kind: 'not-found' });
    const full = refuseTooMany(present, ca);
    if (full !== undefined) return full;
    const names = holdCaNames(present, [ca]);
    if (names.kind === 'refused') return names.step;
    const number = heldNumber(present, ca, record);
    if (number.kind === 'refused') return number.step;
    const key = keys.revocationList(certificateUuid);
    const value = revocationListDocument.write(record);
    const own: readonly DocumentWrite[] = [{ kind: 'put', key, value, expect: absent }, certificate];
    return { kind: 'commit', writes: [...own, ...names.writes, ...number.writes] };
  };
}

/** Replaces what is kept for a CA; `refused` when the list is another that must not stand beside others. */
export function planRevocationListUpdate(record: CaRevocationList, expected: Revision): Plan {
  return (present) => {
    const before = present.snapshot.revocationLists.get(record.certificateUuid);
    const ca = present.snapshot.certificates.get(record.certificateUuid)?.value;
    if (before === undefined || ca === undefined) return answer({ kind: 'not-found' });
    if (before.modified !== expected) return answer({ kind: 'conflict' });
    const key = keys.revocationList(record.certificateUuid);
    const value = revocationListDocument.write(record);
    const own: DocumentWrite = { kind: 'put', key, value, expect: at(before) };
    if (record.list?.sha256 === before.value.list?.sha256) return { kind: 'commit', writes: [own] };
    // Two lists of namesakes meet at the name, as two CAs do.
    const names = holdCaNames(present, [ca]);
    if (names.kind === 'refused') return names.step;
    const number = heldNumber(present, ca, record);
    if (number.kind === 'refused') return number.step;
    return { kind: 'commit', writes: [own, ...names.writes, ...number.writes] };
  };
}

/** Keeps no revocation list for a CA any more. The highest number of its lists stays known. */
export function planRevocationListDeletion(certificateUuid: string, expected?: Revision): Plan {
  return ({ snapshot }) => {
    const before = snapshot.revocationLists.get(certificateUuid);
    if (before === undefined) return answer({ kind: 'not-found' });
    if (!isAsExpected(before, expected)) return answer({ kind: 'conflict' });
    const key = keys.revocationList(certificateUuid);
    return { kind: 'commit', writes: [{ kind: 'delete', key, expect: at(before) }] };
  };
}

/** Sets what becomes of remotes of one owner's policies whose certificate's status is unknown. */
export function planRevocationMode(
  scope: PolicyScope,
  mode: RevocationMode,
  expected?: Revision | 'unset',
): Plan {
  return (present) => {
    const before = present.snapshot.revocationModes.get(scopeKey(scope));
    if (expected !== undefined && (before?.modified ?? 'unset') !== expected)
      return answer({ kind: 'conflict' });
    const svm = scope.kind === 'svm' ? holdSvm(present, scope.svm) : undefined;
    if (scope.kind === 'svm' && svm === undefined) return refuseMissing('svm.name', scope.svm);
    const key = keys.revocationMode(scopeKey(scope));
    const value = revocationModeDocument.write(mode);
    return {
      kind: 'commit',
      writes: [
        { kind: 'put', key, value, expect: before === undefined ? absent : at(before) },
        ...(svm === undefined ? [] : [svm]),
      ],
    };
  };
}

function heldNumber(present: Present, ca: Certificate, { list }: CaRevocationList): Held {
  return list === undefined ? { kind: 'held', writes: [] } : holdListNumber(present, ca, list);
}

/** Two servers may exceed it together by what they write in the same instant. */
function refuseTooMany({ snapshot }: Present, { scope }: Certificate): Step | undefined {
  if (scope.kind === 'cluster') return undefined;
  const own = [...snapshot.revocationLists.keys()].filter((uuid) => {
    const of = snapshot.certificates.get(uuid)?.value.scope;
    return of !== undefined && isSameScope(of, scope);
  });
  const limit = { name: scope.svm.name, limit: String(mostListsPerSvm) };
  return own.length < mostListsPerSvm
    ? undefined
    : refuse(problemOf(revocationRefusals.tooManyLists, 'certificate.uuid', limit));
}
