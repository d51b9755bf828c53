import type { Revision } from '@esplanade/store';
import { Fields } from './fields.ts';
import { keys } from './keys.ts';
import type { Versioned } from './model.ts';
import { absent, answer, at, type Plan } from './plan.ts';

/** How entries of the audit log are sent on. */
export const syslogProtocols = ['udp_unencrypted', 'tcp_unencrypted', 'tcp_encrypted'] as const;
/** Facilities that they may be sent with (RFC 5424 6.2.1). */
export const syslogFacilities = [
  'kern',
  'user',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
] as const;

/** A syslog receiver of the audit log. No two have one address and port. */
export interface AuditDestination {
  /** An IP address, or a host name. */
  readonly address: string;
  readonly port: number;
  readonly protocol: (typeof syslogProtocols)[number];
  readonly facility: (typeof syslogFacilities)[number];
  /** Whether its certificate must be one that we believe; only with `tcp_encrypted`. */
  readonly verifyServer: boolean;
}

/** What is audited beyond changes and refusals, and who gets a copy. */
export interface AuditSettings {
  readonly auditsReads: boolean;
  readonly destinations: readonly AuditDestination[];
}

/** What holds where nobody has said anything: a document of revision 0, which there is none of. */
export const unsetAuditSettings: Versioned<AuditSettings> = {
  value: { auditsReads: false, destinations: [] },
  created: 0 as Revision,
  modified: 0 as Revision,
};

/** Stored form of the settings. */
export const auditSettingsDocument = {
  write: ({ auditsReads, destinations }: AuditSettings) => JSON.stringify({ auditsReads, destinations }),
  read: (text: string): AuditSettings => {
    const fields = Fields.parse(keys.auditSettings, text);
    const settings = {
      auditsReads: fields.boolean('auditsReads'),
      destinations: fields.objects('destinations').map(readDestination),
    };
    fields.end();
    return settings;
  },
};

/** Replaces the settings if they still are at `expected`. */
export function planAuditSettings(settings: AuditSettings, expected: Revision): Plan {
  return ({ snapshot: { auditSettings } }) => {
    if (auditSettings.modified !== expected) return answer({ kind: 'conflict' });
    const value = auditSettingsDocument.write(settings);
    const expect = auditSettings === unsetAuditSettings ? absent : at(auditSettings);
    return { kind: 'commit', writes: [{ kind: 'put', key: keys.auditSettings, value, expect }] };
  };
}

function readDestination(fields: Fields): AuditDestination {
  const destination = {
    address: fields.text('address'),
    port: fields.integer('port'),
    protocol: fields.oneOf('protocol', syslogProtocols),
    facility: fields.oneOf('facility', syslogFacilities),
    verifyServer: fields.boolean('verifyServer'),
  };
  fields.end();
  return destination;
}
