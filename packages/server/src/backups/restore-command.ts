import { parseSharedConfig } from '../config.ts';
import { offlineOptions, optionsHelp } from '../help.ts';
import { pathAndRest } from './backup-command.ts';
import { restoreBackup } from './restore-backup.ts';

const help = `esplanade restore FILE [OPTIONS]

Puts the data of a backup into an empty data directory, which may hold the key file: all of it, or nothing when FILE is damaged or
the keys do not open it. Then start a server on it. The certificate of the server and admin-password are not in a backup.

${optionsHelp(offlineOptions)}
Example:
  install -d -m 700 /var/lib/esplanade/data && cp -p /srv/keys/secrets.key /var/lib/esplanade/data/
  esplanade restore /srv/backup/esplanade-2026-11-22 --data-dir /var/lib/esplanade/data
`;

/** `esplanade restore`: returns what to print. */
export async function run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<string> {
  if (args.includes('--help')) return help;
  const [path, rest] = pathAndRest(args, 'restore');
  const { config } = parseSharedConfig({ args: rest, environment }, offlineOptions);
  return restoreBackup(config, path);
}
