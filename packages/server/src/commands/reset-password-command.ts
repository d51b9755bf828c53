import { parseSharedConfig } from '../config.ts';
import type { LocalCommand } from './local-command.ts';
import { offlineOptions, settingsOf } from './options.ts';
import { withToldFailures } from './told-failures.ts';

/** `esplanade admin reset-password`. */
export const resetPasswordCommand: LocalCommand = {
  description: [
    'Gives the account admin a new password: ESPLANADE_ADMIN_PASSWORD, or one that is made up, shown and written to DATA_DIR/admin-password. The server must be stopped; it is not asked for the old one, so guard the data directory.',
  ],
  options: settingsOf(offlineOptions),
  examples: [
    {
      line: 'admin reset-password --data-dir /var/lib/esplanade/data',
      explains: 'A password that is made up.',
    },
  ],
  run: ({ options }, { environment, print }) =>
    withToldFailures(async () => {
      const { config } = parseSharedConfig({ args: options, environment }, offlineOptions);
      const { resetPassword } = await import('../admin-reset-password.ts');
      print(await resetPassword(config, environment['ESPLANADE_ADMIN_PASSWORD']));
    }),
};
