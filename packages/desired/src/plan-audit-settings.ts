import type { Revision } from '@esplanade/store';
import type { AuditSettings } from './audit-settings.ts';
import { auditSettingsDocument, unsetAuditSettings } from './audit-settings-document.ts';
import { keys } from './keys.ts';
import { absent, answer, at, type Plan } from './plan.ts';

/** Replaces the settings if they still are at `expected`. */
export function planAuditSettings(settings: AuditSettings, expected: Revision): Plan {
  return ({ snapshot: { auditSettings } }) => {
    if (auditSettings.modified !== expected) return answer({ kind: 'conflict' });
    const value = auditSettingsDocument.write(settings);
    const expect = auditSettings === unsetAuditSettings ? absent : at(auditSettings);
    return { kind: 'commit', writes: [{ kind: 'put', key: keys.auditSettings, value, expect }] };
  };
}
