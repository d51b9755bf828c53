import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { incompleteStatus } from '../kernel/host.ts';
import { NoRootError, strongswanRoot } from './root.ts';

const usage = `Usage: node test/support/strongswan/run.ts SUITE -- COMMAND [ARGUMENT]...

Runs COMMAND with charon-systemd and swanctl of another Debian suite (trixie, forky, …) in place of the host's: its PATH
begins with a directory of programs of these names, also in a guest that kernel/run.ts boots. They are downloaded once,
nothing is installed. Needs root. COMMAND's exit status is ours; 125: there is no such strongSwan to be had.
`;

const [suite, separator, command, ...commandArguments] = process.argv.slice(2);
if (suite === undefined || !/^[a-z]+$/.test(suite) || separator !== '--' || command === undefined) {
  process.stderr.write(usage);
  process.exit(64);
}

try {
  const bin = join(await strongswanRoot(suite), 'bin');
  const child = spawn(command, commandArguments, {
    stdio: 'inherit',
    env: { ...process.env, PATH: `${bin}:${process.env['PATH']}`, ESPLANADE_STRONGSWAN: bin },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  await once(child, 'exit');
  process.exitCode = child.exitCode ?? incompleteStatus;
} catch (error) {
  if (!(error instanceof NoRootError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = incompleteStatus;
}
