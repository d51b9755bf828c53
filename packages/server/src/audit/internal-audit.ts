import type { AuditedCommit, AuditSource } from '@esplanade/desired';
import { auditText } from './audit-entry.ts';

/** Gives the commits of a program that answers no requests their entries; `program` is what people know it by. */
export function internalAudit(program: string): AuditSource {
  return {
    auditEntry: (commit) =>
      auditText({
        timestamp: new Date().toISOString(),
        application: 'internal',
        user: program,
        state: commit.isPreparation ? 'pending' : 'success',
        input: internalInput(commit),
      }),
    onBroken: (sentence) => process.stderr.write(`esplanade: ${sentence}\n`),
  };
}

/** Most keys told of one commit. */
const mostKeys = 10;

/** What a commit does that no request asked for: the keys that it changes. Keys have names in them, and no secrets. */
export function internalInput({ writes }: AuditedCommit): string {
  const changed = writes.filter(({ kind }) => kind !== 'check').map(({ kind, key }) => `${kind} ${key}`);
  const more = changed.length > mostKeys ? [`and ${changed.length - mostKeys} more`] : [];
  return [...changed.slice(0, mostKeys), ...more].join(', ');
}
