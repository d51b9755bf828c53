import { parseArgs } from 'node:util';
import { openKernelReader } from './kernel-reader.ts';

const help = `Usage: esplanade-kernel-reader --socket PATH

Answers on a UNIX socket which IPsec policies and SAs the kernel holds in the network namespace it runs in, so that
Esplanade can compare them with what they should be. It cannot change anything, and prints no keys. Needs CAP_NET_ADMIN
and nothing else. Put the socket beside charon's VICI socket: IPSPACE.kernel.sock beside IPSPACE.sock. It is open to the
user and the group of this process.
`;

const { values } = parseArgs({ options: { socket: { type: 'string' }, help: { type: 'boolean' } } });
if (values.help) {
  process.stdout.write(help);
} else if (values.socket === undefined) {
  process.stderr.write(help);
  process.exitCode = 64;
} else {
  const reader = await openKernelReader(values.socket);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void reader.close());
  reader.failed.catch((error: unknown) => {
    console.error(`esplanade-kernel-reader: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  });
}
