import { parseSharedConfig } from '../config.ts';
import type { LocalCommand } from './local-command.ts';
import { offlineOptions, settingsOf } from './options.ts';
import { withToldFailures } from './told-failures.ts';

const settings = [...offlineOptions, 'vici'];

/** `esplanade datapath purge`. */
export const purgeCommand: LocalCommand = {
  description: [
    'Takes everything that is ours out of the charon of each IPspace: connections, secrets, SAs, and the block beneath protected selectors last. What others loaded stays. Protected traffic then flows in clear.',
    'The policies themselves are kept: the next start of the server brings them back. The server must be stopped.',
  ],
  options: settingsOf(settings),
  examples: [
    {
      line: 'datapath purge --data-dir /var/lib/esplanade/data',
      explains: 'Of every IPspace that the data directory knows.',
    },
  ],
  run: ({ options }, { environment, print }) =>
    withToldFailures(async () => {
      const { config } = parseSharedConfig({ args: options, environment }, settings);
      const { purgeDatapath } = await import('../datapath-purge.ts');
      print(await purgeDatapath(config));
    }),
};
