import type { SimulatorClock } from '@esplanade/datapath';
import {
  type ActionResource,
  type ApiFailure,
  type Field,
  failure,
  failureOf,
  isFailure,
  type ModifyResult,
  type ParsedBody,
  problem,
  type SingletonResource,
} from '@esplanade/ontap';
import { booleanOf, numberOf, textOf, withoutNulls } from './body-reader.ts';
import type { ResourceParts } from './resource-parts.ts';
import { type SimulatedIpspace, simulatedIpspaces } from './simulated-ipspaces.ts';
import { simulatorErrors } from './simulator-error-codes.ts';

/** A hundred years. */
const mostAheadSeconds = 3_155_760_000;

/** All IPspaces have one clock; the seed is in Default. */
interface Row {
  readonly clock: SimulatorClock;
  readonly all: readonly [SimulatedIpspace, ...SimulatedIpspace[]];
}

const { badClock, badSeed, notSimulated } = simulatorErrors;
const seedField = 'security_associations';

/** `/esplanade/v1/simulator`: the simulator as a whole (decision 13). ONTAP has no shape for it. */
export function esplanadeSimulator({ carriers }: ResourceParts): SingletonResource<Row> {
  return {
    kind: 'singleton',
    path: '/esplanade/v1/simulator',
    title: 'Simulator',
    svmAccess: [],
    fields: {
      ...stateFields,
      [seedField]: {
        type: 'json',
        description:
          'SAs that take the place of those the simulator was started with: records as /security/ipsec/security-associations shows them.',
        writable: ['patch'],
        notFilterable: true,
        isReadByResource: true,
      },
    },
    examples: { patch: { clock: { ahead: 3600 } } },
    errors: {
      GET: [notSimulated],
      PATCH: [notSimulated, badClock, badSeed],
    },
    read: () => readSimulator(carriers),
    modify: async (row, body) => modifySimulator(row, withoutNulls(body)),
  };
}

/** `/esplanade/v1/simulator/reset`: no faults, the clock of the machine, policies with their SAs anew. The seed stays. */
export function esplanadeSimulatorReset({ carriers }: ResourceParts): ActionResource<Row> {
  return {
    kind: 'action',
    path: '/esplanade/v1/simulator/reset',
    title: 'Reset the simulator: no faults, the clock of the machine, every SA anew',
    svmAccess: [],
    fields: stateFields,
    examples: { post: {} },
    errors: { POST: [notSimulated] },
    run: async () => {
      const row = readSimulator(carriers);
      if (isFailure(row)) return row;
      for (const { simulator } of row.all) {
        simulator.setClock({ aheadSeconds: 0, isRunning: true });
        simulator.reset();
      }
      return { kind: 'done', row };
    },
  };
}

const stateFields: Readonly<Record<string, Field<Row>>> = {
  'clock.time': {
    type: 'datetime',
    description: 'What time it is in the simulator. Counters follow it, and nothing else does.',
    get: ({ clock }) => new Date(clock.nowMs()).toISOString(),
  },
  'clock.ahead': {
    type: 'integer',
    description:
      'How many seconds that is ahead of the clock of the machine; less than 0 where it stopped and fell behind.',
    writable: ['patch'],
    example: 3600,
    get: ({ clock }) => clock.aheadSeconds,
  },
  'clock.running': {
    type: 'boolean',
    description: 'Whether it goes on; stopped, counters stand still.',
    writable: ['patch'],
    example: true,
    get: ({ clock }) => clock.isRunning,
  },
  'seeded.count': {
    type: 'integer',
    description: 'How many SAs came with the seed: they stay as they are.',
    example: 0,
    get: ({ all }) => all.reduce((sum, { simulator }) => sum + simulator.seedSize, 0),
  },
  'faults.count': {
    type: 'integer',
    description: 'How many faults there are now.',
    example: 0,
    get: ({ all }) => all.reduce((sum, { simulator }) => sum + simulator.faults().length, 0),
  },
};

function readSimulator(carriers: ResourceParts['carriers']): Row | ApiFailure {
  const all = simulatedIpspaces(carriers);
  return isFailure(all) ? all : { clock: all[0].simulator.clock, all };
}

function modifySimulator({ all }: Row, body: ParsedBody): ModifyResult {
  const aheadSeconds = numberOf(body, 'clock.ahead');
  const isRunning = booleanOf(body, 'clock.running');
  if (aheadSeconds !== undefined && (aheadSeconds < 0 || aheadSeconds > mostAheadSeconds))
    return failure(badClock, { most: `${mostAheadSeconds}` }, 'clock.ahead');
  const records = textOf(body, seedField);
  const ofDefault = all.find(({ ipspace }) => ipspace.name === 'Default') ?? all[0];
  const problems = records === undefined ? [] : ofDefault.simulator.reseed(`{"${seedField}":${records}}`);
  const refused = failureOf(told(problems).map((each) => problem(badSeed, { problem: each }, seedField)));
  if (refused !== undefined) return refused;
  const setting = {
    ...(aheadSeconds !== undefined && { aheadSeconds }),
    ...(isRunning !== undefined && { isRunning }),
  };
  for (const { simulator } of all) simulator.setClock(setting);
  return { kind: 'modified' };
}

/** A file of another kind has a problem in each of its records, all the same. */
const mostProblems = 20;

function told(problems: readonly string[]): readonly string[] {
  const others = problems.length - mostProblems;
  return others > 0 ? [...problems.slice(0, mostProblems), `${others} other problems like these`] : problems;
}
