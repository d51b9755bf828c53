import type { Revision } from '@esplanade/store';
import {
  type AuditDestination,
  type AuditSettings,
  syslogFacilities,
  syslogProtocols,
} from './audit-settings.ts';
import { Fields } from './fields.ts';
import { keys } from './keys.ts';
import type { Versioned } from './model.ts';

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

function readDestination(fields: Fields): AuditDestination {
  const destination = {
    address: fields.text('address'),
    port: fields.integer('port'),
    protocol: fields.oneOf('protocol', syslogProtocols),
    facility: fields.oneOf('facility', syslogFacilities),
    verifyServer: fields.boolean('verifyServer'),
    // One of before this was kept gets all of the log rather than lose some.
    after: fields.has('after') ? fields.integer('after') : 0,
  };
  fields.end();
  return destination;
}
