import type { LocalCommand } from '../commands/local-command.ts';
import { offlineOptions, settingsOf } from '../commands/options.ts';
import { withToldFailures } from '../commands/told-failures.ts';
import { parseSharedConfig } from '../config.ts';
import { checkBackup } from './check-backup.ts';
import { makeBackup } from './make-backup.ts';

/** `esplanade backup`. */
export const backupCommand: LocalCommand = {
  description: [
    'Writes all that the server keeps in its database, the audit log included, to one file: policies, certificates, accounts and the rest, secrets as they are sealed. The server may run meanwhile.',
    'The key file is not in it: without that the backup opens to nobody, you included, so keep a copy elsewhere. FILE must not be there yet; what was written is read back and opened before it gets that name.',
  ],
  operand: { value: 'FILE', help: 'the backup' },
  options: [
    {
      name: 'verify',
      help: 'look whether FILE is good, and write nothing: whether it is whole, and with the key file whether all in it opens',
    },
    ...settingsOf(offlineOptions),
  ],
  examples: [
    {
      line: 'backup /srv/backup/esplanade-$(date +%F) --data-dir /var/lib/esplanade/data',
      explains: 'A backup named after the day.',
    },
    {
      line: 'backup /srv/backup/esplanade-2026-11-22 --verify --key-file /srv/keys/secrets.key',
      explains: 'Whether that backup could be restored with those keys.',
    },
  ],
  run: ({ operand = '', options }, { environment, print, progress }) =>
    withToldFailures(async () => {
      const { config, switches } = parseSharedConfig({ args: options, environment }, offlineOptions, [
        'verify',
      ]);
      const work = switches.has('verify') ? checkBackup : makeBackup;
      print(await work(config, operand, progress));
    }),
};
