import type { Command, Parameter } from '../command.ts';
import { showRecordCommand } from '../directory/show-record.ts';
import { exitStatus } from '../exit-status.ts';
import type { Column } from '../output/column.ts';
import { misused } from '../parse.ts';

const path = '/esplanade/v1/simulator';

const columns: readonly Column[] = [
  { name: 'clock-time', field: 'clock.time', label: 'Clock', format: 'time' },
  { name: 'clock-ahead', field: 'clock.ahead', label: 'Clock Ahead', format: 'seconds' },
  { name: 'clock-running', field: 'clock.running', label: 'Clock Running', format: 'boolean' },
  { name: 'seeded', field: 'seeded.count', label: 'Seeded SAs', format: 'count' },
  { name: 'faults', field: 'faults.count', label: 'Faults', format: 'count' },
];

/** `simulator show`. */
export const show: Command = showRecordCommand(path, columns, {
  description: [
    'Shows what time it is in the simulator, how many SAs it was given, and how many faults it has. A server on strongSwan has no simulator, and ONTAP neither.',
  ],
  examples: [{ line: 'simulator show', explains: 'Clock, seed and faults' }],
});

const clockParameters: readonly Parameter[] = [
  {
    name: 'clock-ahead',
    value: { kind: 'integer', placeholder: 'SECONDS', unit: 'seconds' },
    help: 'How far its clock is ahead of that of the machine',
    target: 'clock.ahead',
  },
  {
    name: 'clock-running',
    value: { kind: 'boolean' },
    help: 'Whether its clock goes on; stopped, counters stand still',
    target: 'clock.running',
  },
];

const seedParameter: Parameter = {
  name: 'seed',
  value: { kind: 'file', placeholder: 'FILE' },
  help: 'SAs that take the place of those it was started with, as JSON {"security_associations": [...]}',
  target: 'security_associations',
};

/** `simulator modify`. */
export const modify: Command = {
  description: [
    'Sets the clock of the simulator, which the counters of SAs follow, or gives it other SAs than those of "serve --simulator-seed".',
  ],
  parameters: [...clockParameters, seedParameter],
  examples: [
    { line: 'simulator modify -clock-ahead 3600', explains: 'Counters as in an hour' },
    { line: 'simulator modify -clock-running false', explains: 'Counters stand still, to be compared' },
    { line: 'simulator modify -seed sas.json', explains: 'The SAs of a file' },
  ],
  run: async (given, { api, output }) => {
    const ahead = given.text('clock-ahead');
    const running = given.text('clock-running');
    const seed = given.text('seed');
    if (ahead === undefined && running === undefined && seed === undefined)
      throw misused('There is nothing to modify: give -clock-ahead, -clock-running or -seed.');
    const clock = {
      ...(ahead !== undefined && { ahead: Number(ahead) }),
      ...(running !== undefined && { running: running === 'true' }),
    };
    await (await api()).record(path).modify({
      ...(Object.keys(clock).length > 0 && { clock }),
      ...(seed !== undefined && { security_associations: seedOf(seed) }),
    });
    output.say('The simulator was modified.');
    return exitStatus.done;
  },
};

/** `simulator reset`. */
export const reset: Command = {
  description: [
    'Ends every fault, sets the clock to that of the machine, and brings every SA up anew. Policies and the SAs of the seed stay.',
  ],
  parameters: [],
  examples: [{ line: 'simulator reset', explains: 'Between two tests' }],
  run: async (_, { api, output }) => {
    await (await api()).call('POST', `${path}/reset`, {});
    output.say('The simulator was reset.');
    return exitStatus.done;
  },
};

/** The records of a seed, or of what `--json` shows of SAs. */
function seedOf(text: string): unknown[] {
  let seed: unknown;
  try {
    seed = JSON.parse(text);
  } catch (error) {
    throw misused(`-seed is not JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
  if (Array.isArray(seed)) return seed;
  const records = Object.getOwnPropertyDescriptor(Object(seed), 'security_associations')?.value;
  if (!Array.isArray(records)) throw misused('-seed has no "security_associations": [...] in it.');
  return records;
}
