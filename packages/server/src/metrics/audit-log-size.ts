import { type LogHead, UnavailableError } from '@esplanade/store';
import { family, type Sample } from './exposition.ts';

interface Audited {
  auditHead(): Promise<Pick<LogHead, 'first' | 'last' | 'bytes'>>;
}

/** How large the audit log is. Without series while the store cannot be read: then everything else is to be told all the more. */
export async function auditLogSize(desired: Audited): Promise<string> {
  const head = await headOf(desired);
  const sample = (value: number): readonly Sample[] => [['', value]];
  return [
    family(
      'esplanade_audit_entries_total',
      'counter',
      'Entries written to the audit log since it began.',
      head === undefined ? [] : sample(head.last),
    ),
    family(
      'esplanade_audit_entries',
      'gauge',
      'Entries that the audit log keeps.',
      head === undefined ? [] : sample(head.last - head.first + 1),
    ),
    family(
      'esplanade_audit_bytes',
      'gauge',
      'Size of the entries that the audit log keeps.',
      head === undefined ? [] : sample(head.bytes),
    ),
  ].join('');
}

async function headOf(desired: Audited) {
  try {
    return await desired.auditHead();
  } catch (error) {
    if (error instanceof UnavailableError) return undefined;
    throw error;
  }
}
