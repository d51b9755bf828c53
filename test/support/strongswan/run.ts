import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { incompleteStatus } from '../kernel/host.ts';
import { NoRootError, strongswanRoot } from './root.ts';

const usage = `Usage: node test/support/strongswan/run.ts [--only ours|peers] SUITE -- COMMAND [ARGUMENT]...

Runs COMMAND with charon-systemd and swanctl of another Debian suite (trixie, forky, …) in place of the host's, also in a
guest that kernel/run.ts boots. They are downloaded once, nothing is installed. Needs root. COMMAND's exit status is ours;
125: there is no such strongSwan to be had.

  --only ours|peers  our daemons alone, or the stock peers of tests alone: the others are the host's
`;

const separator = process.argv.indexOf('--');
const { values, positionals } = parseArgs({
  args: process.argv.slice(2, Math.max(separator, 2)),
  allowPositionals: true,
  options: { only: { type: 'string' }, help: { type: 'boolean', default: false } },
});
const [suite, ...more] = positionals;
const [command, ...commandArguments] = separator < 0 ? [] : process.argv.slice(separator + 1);
const isSound = more.length === 0 && /^(ours|peers|)$/.test(values.only ?? '');
if (values.help || suite === undefined || !/^[a-z]+$/.test(suite) || command === undefined || !isSound) {
  process.stderr.write(usage);
  process.exit(values.help ? 0 : 64);
}

try {
  const bin = join(await strongswanRoot(suite), 'bin');
  const ours =
    values.only === 'peers' ? {} : { PATH: `${bin}:${process.env['PATH']}`, ESPLANADE_STRONGSWAN: bin };
  const peers = values.only === 'ours' ? {} : { ESPLANADE_PEER_STRONGSWAN: bin };
  const child = spawn(command, commandArguments, {
    stdio: 'inherit',
    env: { ...process.env, ...ours, ...peers },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  await once(child, 'exit');
  process.exitCode = child.exitCode ?? incompleteStatus;
} catch (error) {
  if (!(error instanceof NoRootError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = incompleteStatus;
}
