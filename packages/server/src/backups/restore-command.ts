import type { LocalCommand } from '../commands/local-command.ts';
import { offlineOptions, settingsOf } from '../commands/options.ts';
import { withToldFailures } from '../commands/told-failures.ts';
import { parseSharedConfig } from '../config.ts';
import { restoreBackup } from './restore-backup.ts';

/** `esplanade restore`. */
export const restoreCommand: LocalCommand = {
  description: [
    'Puts the data of a backup into an empty data directory, which may hold the key file: all of it, or nothing when FILE is damaged or the keys do not open it. Then start a server on it. The certificate of the server and admin-password are not in a backup.',
  ],
  operand: { value: 'FILE', help: 'the backup' },
  options: settingsOf(offlineOptions),
  examples: [
    {
      line: 'restore /srv/backup/esplanade-2026-11-22 --data-dir /var/lib/esplanade/data',
      explains: 'Where /var/lib/esplanade/data holds nothing but the key file, secrets.key.',
    },
  ],
  run: ({ operand = '', options }, { environment, print, progress }) =>
    withToldFailures(async () => {
      const { config } = parseSharedConfig({ args: options, environment }, offlineOptions);
      print(await restoreBackup(config, operand, progress));
    }),
};
