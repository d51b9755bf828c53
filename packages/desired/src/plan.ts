import { type Problem, problemOf, type Reference } from '@esplanade/domain';
import type { DocumentWrite, Expectation, Revision } from '@esplanade/store';
import type { WriteResult } from './desired-state.ts';
import { ipspaceDocument, svmDocument } from './documents.ts';
import { keys } from './keys.ts';
import type { DesiredSnapshot } from './model.ts';
import type { Records } from './records.ts';
import { refusalKinds } from './refusal-kinds.ts';

/** What planning sees: the newest records, at one revision. */
export interface Present {
  readonly records: Records;
  readonly snapshot: DesiredSnapshot;
}

/**
 * The next step of a write: an answer that needs no writing, the commit that does it, or one that must be visible
 * before the write can be planned again. A plan is pure; when its commit meets a conflict, planning starts over on
 * newer records, so every refusal is decided in one place.
 */
export type Step =
  | { readonly kind: 'answer'; readonly result: WriteResult }
  | { readonly kind: 'commit'; readonly writes: readonly DocumentWrite[] }
  | { readonly kind: 'prepare'; readonly writes: readonly DocumentWrite[] };
/** Decides the next step of one write from what there is; `prepared` is the revision of its own last `prepare`, if there was one. */
export type Plan = (present: Present, prepared?: Revision) => Step;

/** The writes that hold what another write rests on until the commit, or the step that refuses it. */
export type Held =
  | { readonly kind: 'held'; readonly writes: readonly DocumentWrite[] }
  | { readonly kind: 'refused'; readonly step: Step };

/** Expects that there is no document under the key. */
export const absent: Expectation = { kind: 'absent' };

/** Holds a document at the revision it was read at. */
export function at({ modified }: { readonly modified: Revision }): Expectation {
  return { kind: 'revision', modified };
}

/**
 * Whether a record is still the one that a write is about: at `expected`, where it minds, or as its own preparation left it.
 */
export function isAsExpected(
  { modified }: { readonly modified: Revision },
  expected: Revision | undefined,
  prepared?: Revision,
): boolean {
  return expected === undefined || modified === expected || modified === prepared;
}

/** The step of a write that is decided without writing. */
export function answer(result: WriteResult): Step {
  return { kind: 'answer', result };
}

/** The step of a write that a rule over several records forbids. */
export function refuse(problem: Problem): Step {
  return answer({ kind: 'refused', problem });
}

/**
 * The write that lets a record refer to an SVM or an IPspace: its commit fails if the parent goes meanwhile, and so
 * does the parent's deletion if this one is first. Usually a check, so that children do not hinder one another; where
 * a deletion is announced it rewrites the parent, and the deletion must look again. `undefined`: there is no such parent.
 */
export function holdSvm({ records, snapshot }: Present, { uuid }: Reference): DocumentWrite | undefined {
  const svm = snapshot.svms.get(uuid);
  if (svm === undefined) return undefined;
  const key = keys.svm(uuid);
  if (!records.isLeaving(uuid)) return { kind: 'check', key, expect: at(svm) };
  return { kind: 'put', key, value: svmDocument.write(svm.value), expect: at(svm) };
}

/** As `holdSvm`. */
export function holdIpspace({ records, snapshot }: Present, { uuid }: Reference): DocumentWrite | undefined {
  const ipspace = snapshot.ipspaces.get(uuid);
  if (ipspace === undefined) return undefined;
  const key = keys.ipspace(uuid);
  if (!records.isLeaving(uuid)) return { kind: 'check', key, expect: at(ipspace) };
  return { kind: 'put', key, value: ipspaceDocument.write(ipspace.value), expect: at(ipspace) };
}

/** The answer for a record whose SVM or IPspace does not exist. */
export function refuseMissing(target: string, { name }: Reference): Step {
  return refuse(problemOf(refusalKinds.parentMissing, target, { field: target, name }));
}
