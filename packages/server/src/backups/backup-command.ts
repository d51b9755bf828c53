import { parseSharedConfig } from '../config.ts';
import { offlineOptions, optionsHelp } from '../help.ts';
import { UsageError } from '../settings.ts';
import { checkBackup } from './check-backup.ts';
import { makeBackup } from './make-backup.ts';

const help = `esplanade backup FILE [OPTIONS]
esplanade backup FILE --verify [OPTIONS]

Writes all that the server keeps in its database, the audit log included, to one file: policies, certificates, accounts and the
rest, secrets as they are sealed. The server may run meanwhile. The key file is not in it: without that the backup opens
to nobody, you included, so keep a copy elsewhere. FILE must not be there yet; what was written is read back and opened before
it gets that name.

  --verify
      look whether FILE is good, and write nothing: whether it is whole, and with the key file whether all in it opens
${optionsHelp(offlineOptions)}
Examples:
  esplanade backup /srv/backup/esplanade-$(date +%F) --data-dir /var/lib/esplanade/data
  esplanade backup /srv/backup/esplanade-2026-11-22 --verify --key-file /srv/keys/secrets.key
`;

/** `esplanade backup`: returns what to print. */
export async function run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<string> {
  if (args.includes('--help')) return help;
  const [path, rest] = pathAndRest(args, 'backup');
  const { config, switches } = parseSharedConfig({ args: rest, environment }, offlineOptions, ['verify']);
  return switches.has('verify') ? checkBackup(config, path) : makeBackup(config, path);
}

/** The one thing that a command is about stands before its options. */
export function pathAndRest(
  [path, ...rest]: readonly string[],
  command: string,
): readonly [string, readonly string[]] {
  if (path === undefined || path.startsWith('-'))
    throw new UsageError(`esplanade ${command} FILE: name the file first, options after it.`);
  const [second] = rest;
  if (second !== undefined && !second.startsWith('-'))
    throw new UsageError(
      `esplanade ${command} FILE: "${second}" is one file too many. esplanade ${command} --help tells what there is.`,
    );
  return [path, rest];
}
