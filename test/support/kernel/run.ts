import { parseArgs } from 'node:util';
import { kernelHasEsp } from './esp.ts';
import { runHere } from './host.ts';
import { runInUserModeLinux } from './user-mode-linux.ts';

const usage = `Usage: node test/support/kernel/run.ts [options] -- COMMAND [ARGUMENT]...

Runs COMMAND as root where the kernel has ESP: here if this kernel has it, else in a user-mode Linux that is booted
for it and powered off afterwards. COMMAND's output is passed on (in a guest both streams arrive on standard output);
its exit status is ours. 125: the guest died or the time was up.

  --memory SIZE         memory of the guest (1536M)
  --timeout SECONDS     end everything after so long (600)
  --writable DIRECTORY  the guest may write there; repeatable. Elsewhere it sees the host read-only and has its own /tmp
  --always-guest        boot a guest even if this kernel has ESP
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    memory: { type: 'string', default: '1536M' },
    timeout: { type: 'string', default: '600' },
    writable: { type: 'string', multiple: true, default: [] },
    'always-guest': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const [command, ...commandArguments] = positionals;
if (values.help || command === undefined) {
  process.stderr.write(usage);
  process.exit(values.help ? 0 : 64);
}

const job = { command, arguments: commandArguments, timeoutSeconds: Number(values.timeout) };
process.exitCode =
  kernelHasEsp() && !values['always-guest']
    ? await runHere(job)
    : await runInUserModeLinux({ ...job, memory: values.memory, writable: values.writable });
