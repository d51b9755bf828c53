import { parseSharedConfig } from '../config.ts';
import type { LocalCommand } from './local-command.ts';
import { offlineOptions, settingsOf } from './options.ts';
import { withToldFailures } from './told-failures.ts';

const settings = [...offlineOptions, 'vici'];

/** `esplanade datapath purge`. */
export const purgeCommand: LocalCommand = {
  description: [
    'Takes everything that is ours out of the charon of each IPspace: connections, secrets, SAs, and the block beneath protected selectors last. What others loaded stays. Protected traffic then flows in clear.',
    'The policies themselves are kept: the next start of the server brings them back. The server must be stopped: the data directory tells whether it is, and which IPspaces there are.',
  ],
  options: [
    {
      name: 'without-data',
      help: 'the data directory is lost: purge IPspace Default and those of --vici, though nothing tells whether the server is stopped',
    },
    ...settingsOf(settings),
  ],
  examples: [
    {
      line: 'datapath purge --data-dir /var/lib/esplanade/data',
      explains: 'Of every IPspace that the data directory knows.',
    },
    {
      line: 'datapath purge --without-data --vici red=/run/esplanade/vici/red.sock',
      explains: 'Of Default and red, where the data directory is lost.',
    },
  ],
  run: ({ options }, { environment, print }) =>
    withToldFailures(async () => {
      const { config, switches } = parseSharedConfig({ args: options, environment }, settings, [
        'without-data',
      ]);
      const { purgeDatapath, purgeDatapathWithoutData } = await import('../datapath-purge.ts');
      print(await (switches.has('without-data') ? purgeDatapathWithoutData : purgeDatapath)(config));
    }),
};
