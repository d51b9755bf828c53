import type { PolicyScope, Reference } from '@esplanade/domain';
import type { Versioned } from './model.ts';

/** The row with the name that the SVM has now, where it is of that SVM; the same row where it is not. */
export function withSvmName<T extends { readonly scope: PolicyScope }>(
  row: Versioned<T>,
  svm: Reference,
): Versioned<T> {
  const { scope } = row.value;
  if (scope.kind !== 'svm' || scope.svm.uuid !== svm.uuid) return row;
  return { ...row, value: { ...row.value, scope: { kind: 'svm', svm } } };
}
