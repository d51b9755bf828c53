import type { ApiRecord } from '../output/output.ts';
import { durationText } from '../output/quantities.ts';
import { member } from '../output/value-text.ts';

/** What a record is called: `nfs of svm1`, and `nfs` where it belongs to no SVM. */
export function owned(record: ApiRecord): string {
  const svm = textOf(record, 'svm.name');
  const name = textOf(record, 'name') ?? textOf(record, 'common_name') ?? 'without a name';
  return svm === undefined ? name : `${name} of ${svm}`;
}

/** The text at a path; undefined where there is none. */
export function textOf(record: ApiRecord, path: string): string | undefined {
  const value = member(record, path);
  return typeof value === 'string' ? value : undefined;
}

/** Whether a field is there, and tells a time. */
export function isTime(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

/** How long ago that was. */
export function ageText(since: string, nowMs: number): string {
  return durationText(Math.max(0, (nowMs - Date.parse(since)) / 1000));
}

/** Reasons come as sentences, and without a full stop too. */
export function because(what: string, reason: unknown): string {
  return typeof reason === 'string' ? `${what}: ${reason.replace(/\.$/, '')}.` : `${what}.`;
}
