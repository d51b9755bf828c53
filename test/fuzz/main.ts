import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seedOf } from '../robustness/rounds.ts';
import { Esplanade } from '../support/esplanade.ts';
import { fuzz } from './campaign.ts';
import { givenNumber } from './given-numbers.ts';
import { sadOfFuzzedServer } from './stage.ts';
import { reportText } from './tally.ts';

const { values } = parseArgs({
  options: {
    executions: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '7200' },
    connections: { type: 'string', default: '8' },
    release: { type: 'string', default: '9.18.1' },
    seed: { type: 'string' },
  },
});
const seed = values.seed === undefined ? seedOf() : givenNumber('seed', values.seed, 0);
const connections = givenNumber('connections', values.connections);
const limits = {
  executions: givenNumber('executions', values.executions),
  seconds: givenNumber('seconds', values.seconds),
  faults: 10,
};
const directory = await mkdtemp(join(tmpdir(), 'esplanade-fuzz-'));
const simulatorSeed = join(directory, 'sas.json');
await writeFile(simulatorSeed, sadOfFuzzedServer);
const dataDirectory = join(directory, 'data');
const server = await Esplanade.start({
  dataDirectory,
  flags: ['--datapath', 'simulated', '--simulator-seed', simulatorSeed, '--ontap-version', values.release],
});
try {
  const report = await fuzz({
    server,
    dataDirectory,
    seed,
    connections,
    limits,
    onProgress: (soFar) => process.stderr.write(`${reportText(soFar, seed)}\n`),
  });
  process.stdout.write(`${reportText(report, seed)}\n`);
  process.exitCode = report.faults.length === 0 ? 0 : 1;
} finally {
  await server.stop();
  await rm(directory, { recursive: true });
}
