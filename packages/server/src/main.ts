import { StoreOpenError, UnavailableError } from '@esplanade/store';
import { parseServeConfig, parseSharedConfig } from './config.ts';
import {
  generalHelp,
  offlineOptions,
  purgeHelp,
  purgeOptions,
  resetPasswordHelp,
  serveHelp,
} from './help.ts';
import { reasonOf, UsageError } from './settings.ts';
import { version } from './version.ts';

/** By one word, or two. */
const commands: ReadonlyMap<string, Command> = new Map([
  ['serve', serveCommand],
  ['admin reset-password', resetPasswordCommand],
  ['datapath purge', purgeCommand],
  ['backup', loaded(() => import('./backups/backup-command.ts'))],
  ['audit verify', loaded(() => import('./audit/verify-command.ts'))],
  ['key', loaded(() => import('./sealing-keys/key-command.ts'))],
  ['restore', loaded(() => import('./backups/restore-command.ts'))],
]);

/** Exit statuses: 1 when it could not be done, 2 when the command or its settings are wrong. */
const failed = 1;
const misused = 2;

/** From SIGTERM to the end whatever hangs: below the five seconds that are promised. */
const shutdownLimitMs = 4_500;

/** Of errors in commands, which are loaded when they are called. */
const namesForPeople: ReadonlySet<string> = new Set([
  'PurgeIncompleteError',
  'BackupError',
  'AuditBrokenError',
]);

const environment = takeEnvironment();

await main(process.argv.slice(2)).catch((error: unknown) => {
  if (isForPeople(error)) process.stderr.write(`esplanade: ${sentenceOf(error)}\n`);
  else
    process.stderr.write(
      `esplanade: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  process.exitCode = error instanceof UsageError ? misused : failed;
});

/** Errors whose message says all: no stack would help the one who reads it. */
function isForPeople(error: unknown): error is Error {
  return (
    error instanceof UsageError ||
    error instanceof StoreOpenError ||
    error instanceof UnavailableError ||
    (error instanceof Error && namesForPeople.has(error.name))
  );
}

/** The message with the reason behind it, unless it tells that already: that a page is damaged, SQLite alone can say. */
function sentenceOf({ message, cause }: Error): string {
  const reason = cause === undefined ? '' : reasonOf(cause);
  return message.includes(reason) ? message : `${message}: ${reason}`;
}

async function main(args: readonly string[]): Promise<void> {
  const [command, subcommand] = args;
  if (command === '--version') return print(`esplanade ${version}`);
  if (command === '--help' || command === 'help') return print(generalHelp);
  const ofTwoWords = commands.get(`${command} ${subcommand}`);
  if (ofTwoWords !== undefined) return ofTwoWords(args.slice(2));
  const ofOneWord = commands.get(`${command}`);
  if (ofOneWord !== undefined) return ofOneWord(args.slice(1));
  const ofGroup = [...commands].filter(([name]) => name.startsWith(`${command} `));
  if (subcommand === '--help' && ofGroup.length > 0) {
    for (const [, run] of ofGroup) await run(['--help']);
    return;
  }
  const given = args.length === 0 ? 'A command is missing.' : `There is no command "${args.join(' ')}".`;
  throw new UsageError(`${given}\n\n${generalHelp}`);
}

type Command = (args: readonly string[]) => Promise<void>;

/** A command in a module of its own, loaded when it is called; what it returns is printed. */
interface CommandModule {
  run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<string>;
}

function loaded(load: () => Promise<CommandModule>): Command {
  return async (args) => {
    process.umask(0o077);
    const { run } = await load();
    print(await run(args, environment));
  };
}

/** The environment. The password in it is taken out of the process's own, which Node's diagnostic reports show whole. */
function takeEnvironment(): NodeJS.ProcessEnv {
  const taken = { ...process.env };
  delete process.env['ESPLANADE_ADMIN_PASSWORD'];
  return taken;
}

async function serveCommand(args: readonly string[]): Promise<void> {
  const source = { args, environment };
  const { config, switches } = parseServeConfig(source);
  if (switches.has('help')) return print(serveHelp);
  if (switches.has('check-config')) {
    const { checkFiles } = await import('./config-check.ts');
    await checkFiles(config);
    return print('The settings are good.');
  }
  // Everything the server writes is private to its user.
  process.umask(0o077);
  const { serve } = await import('./serve.ts');
  const server = await serve(source, config, (line) => process.stderr.write(line));
  process.on('SIGHUP', () => void server.reload());
  const stop = (): void => {
    setTimeout(() => process.exit(0), shutdownLimitMs).unref();
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`esplanade: could not close in order: ${error}\n`);
        process.exit(failed);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
  print(`esplanade ready ${server.url}`);
}

async function resetPasswordCommand(args: readonly string[]): Promise<void> {
  const { config, switches } = parseSharedConfig({ args, environment }, offlineOptions);
  if (switches.has('help')) return print(resetPasswordHelp);
  process.umask(0o077);
  const { resetPassword } = await import('./admin-reset-password.ts');
  print(await resetPassword(config, environment['ESPLANADE_ADMIN_PASSWORD']));
}

async function purgeCommand(args: readonly string[]): Promise<void> {
  const { config, switches } = parseSharedConfig({ args, environment }, purgeOptions);
  if (switches.has('help')) return print(purgeHelp);
  process.umask(0o077);
  const { purgeDatapath } = await import('./datapath-purge.ts');
  print(await purgeDatapath(config));
}

function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}
