import { parseServeConfig } from '../config.ts';
import type { RunningServer } from '../serve.ts';
import type { LocalCommand, LocalWorld } from './local-command.ts';
import { serveSettings } from './options.ts';
import { withToldFailures } from './told-failures.ts';

/** From SIGTERM to the end whatever hangs: below the five seconds that are promised. */
const shutdownLimitMs = 4_500;

/** `esplanade serve`: ends when the server does. */
export const serveCommand: LocalCommand = {
  description: [
    'Runs the server. Prints one line, "esplanade ready https://HOST:PORT", on standard output when it answers; the log is on standard error. SIGTERM ends it (policies and SAs stay up), SIGHUP reloads certificate, log level and sealing keys.',
    'The password of the first account, admin, is taken from ESPLANADE_ADMIN_PASSWORD on the first start only; without it one is made up and told, and kept in DATA_DIR/admin-password.',
  ],
  options: [
    ...serveSettings,
    { name: 'check-config', help: 'say what is wrong with the settings, and exit' },
  ],
  examples: [
    { line: 'serve', explains: 'The simulator, or strongSwan where it is found.' },
    {
      line: 'serve --datapath strongswan --vici Default=/run/charon.vici',
      explains: 'On a charon that runs already.',
    },
    {
      line: 'serve --listen 192.0.2.1:8443 --tls-cert host.crt --tls-key host.key',
      explains: 'For other hosts, with a certificate of your own.',
    },
    {
      line: 'serve --datapath simulated --simulator-seed sas.json --ontap-version 9.16.1 --listen 127.0.0.1:0',
      explains: 'A stand-in for an ONTAP 9.16.1 with the SAs of a file, on a free port.',
    },
  ],
  run: ({ options }, world) => withToldFailures(() => run(options, world)),
};

async function run(args: readonly string[], { environment, print }: LocalWorld): Promise<void> {
  const source = { args, environment };
  const { config, switches } = parseServeConfig(source);
  if (switches.has('check-config')) {
    const { checkSurroundings } = await import('../config-check.ts');
    await checkSurroundings(config, environment['ESPLANADE_ADMIN_PASSWORD']);
    return print('The settings are good.');
  }
  const { serve } = await import('../serve.ts');
  const server = await serve(source, config, (line) => process.stderr.write(line));
  const ended = untilSignalled(server);
  print(`esplanade ready ${server.url}`);
  await ended;
}

/** Until SIGTERM or SIGINT, and the server is closed. What still runs then may not keep the process. */
async function untilSignalled(server: RunningServer): Promise<void> {
  process.on('SIGHUP', () => void server.reload());
  const { promise: signalled, resolve } = Promise.withResolvers<void>();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  await signalled;
  setTimeout(() => process.exit(0), shutdownLimitMs).unref();
  try {
    await server.close();
  } catch (error) {
    process.stderr.write(`esplanade: could not close in order: ${error}\n`);
    process.exit(1);
  }
  process.exit(0);
}
