import { closingLine, type Outcome, runSuite, type Suite } from './suite.ts';

const vitest = (project: string, ...more: readonly string[]): [string, ...string[]] => [
  'vitest',
  'run',
  '--project',
  project,
  ...more,
];

const inKernel = (timeoutSeconds: number, ...command: readonly string[]): [string, ...string[]] => [
  'node',
  'test/support/kernel/run.ts',
  '--timeout',
  String(timeoutSeconds),
  '--',
  ...command,
  '--configLoader',
  'native',
];

/** What strongSwan and we have to agree about, of the suites that run in a guest: the rest of them is slow there. */
const share = 'security associations|on one IKE SA|do not touch|from one connection|says why: ';

/** With charon and swanctl of another Debian suite in place of the host's. */
const onStrongswanOf = (suite: string, command: readonly string[]): [string, ...string[]] => [
  'node',
  'test/support/strongswan/run.ts',
  suite,
  '--',
  ...command,
];

/** Where the system tests are that send, kill and fill; apart from the others, so that no lane is much longer than the rest. */
const robustness = ['test/robustness', 'test/fuzz'];

/** What `npm test` runs. Two guests beside the host: each has one CPU, and what runs in it mostly waits. */
const suites: readonly Suite[] = [
  {
    name: 'kernel',
    lane: 'kernel',
    command: inKernel(
      1100,
      ...vitest('kernel', 'packages', 'test/scenarios', 'test/support', 'test/foreign'),
    ),
    timeoutSeconds: 1120,
  },
  // Boots a machine of its own; what keeps it busy is one process.
  { name: 'packaging', lane: 'kernel-shares', command: vitest('packaging'), timeoutSeconds: 900 },
  {
    name: 'kernel-shares',
    lane: 'kernel-shares',
    command: inKernel(900, ...vitest('kernel', 'test/datapath')),
    timeoutSeconds: 920,
  },
  {
    name: 'strongswan-6-host',
    lane: 'kernel',
    command: onStrongswanOf(
      'trixie',
      vitest('charon', 'packages/datapath/src/strongswan/conformance', 'packages/vici', 'test/support'),
    ),
    timeoutSeconds: 300,
  },
  {
    name: 'strongswan-6-kernel',
    lane: 'kernel',
    command: onStrongswanOf(
      'trixie',
      inKernel(
        300,
        ...vitest('kernel', 'packages/datapath/src/strongswan/conformance', 'test/scenarios'),
        '-t',
        share,
      ),
    ),
    timeoutSeconds: 320,
  },
  { name: 'unit', lane: 'host', command: vitest('unit'), timeoutSeconds: 720 },
  { name: 'charon', lane: 'host', command: vitest('charon'), timeoutSeconds: 600 },
  {
    name: 'system',
    lane: 'host',
    command: vitest('system', ...robustness.flatMap((folder) => ['--exclude', `${folder}/**`])),
    timeoutSeconds: 700,
  },
  {
    name: 'system-robustness',
    lane: 'kernel',
    command: vitest('system', ...robustness),
    timeoutSeconds: 500,
  },
];

const full = { ESPLANADE_CAMPAIGN: 'full' };

/** Long campaigns: tests of which `npm test` runs a share of the rounds. */
const campaigns: readonly Suite[] = [
  {
    name: 'robustness',
    lane: 'host',
    command: vitest(
      'system',
      '--project',
      'unit',
      '--project',
      'charon',
      'durability',
      'convergence',
      'log-damage',
      'test/robustness',
    ),
    timeoutSeconds: 7200,
    environment: { ...full, CONVERGENCE_RUNS: '1000' },
  },
  {
    name: 'dialect',
    lane: 'host',
    command: vitest('unit', '--project', 'system', 'test/query', 'test/walk'),
    timeoutSeconds: 3600,
    environment: full,
  },
  {
    name: 'datapath-host',
    lane: 'host',
    command: vitest('charon', 'test/datapath'),
    timeoutSeconds: 3600,
    environment: full,
  },
  {
    name: 'datapath-kernel',
    lane: 'kernel',
    command: inKernel(7200, ...vitest('kernel', 'test/datapath', 'test/scenarios', 'test/foreign')),
    timeoutSeconds: 7220,
    environment: full,
  },
  ...['trixie', 'forky'].flatMap((suite): readonly Suite[] => [
    {
      name: `${suite}-host`,
      lane: 'host',
      command: onStrongswanOf(suite, vitest('charon')),
      timeoutSeconds: 1200,
    },
    {
      name: `${suite}-kernel`,
      lane: 'kernel',
      command: onStrongswanOf(suite, inKernel(3600, ...vitest('kernel'))),
      timeoutSeconds: 3620,
    },
  ]),
];

const named = process.argv.slice(2);
const known = [...suites, ...campaigns];
const unknown = named.filter((name) => !known.some((suite) => suite.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `no such suite: ${unknown.join(', ')}. There are: ${known.map(({ name }) => name).join(', ')}\n`,
  );
  process.exit(64);
}
const chosen = named.length === 0 ? suites : known.filter((suite) => named.includes(suite.name));

const lanes: readonly Suite['lane'][] = ['kernel', 'kernel-shares', 'host'];

let isInterrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    isInterrupted = true;
  });

async function runLane(lane: Suite['lane']): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const suite of chosen.filter((one) => one.lane === lane))
    if (!isInterrupted) outcomes.push(await runSuite(suite));
  return outcomes;
}

process.stdout.write(`running ${chosen.map(({ name }) => name).join(', ')}; each prints when it is over\n`);
const outcomes = (await Promise.all(lanes.map(runLane))).flat();
// Once more, where whoever looks at the end of a log finds it.
for (const { suite, failures, hasPassed } of outcomes)
  if (!hasPassed) process.stdout.write(`\n== ${suite.name}, what failed\n${failures}`);
process.stdout.write(`\n${outcomes.map((outcome) => `${closingLine(outcome)}\n`).join('')}`);
process.exitCode = outcomes.every(({ hasPassed }) => hasPassed) ? 0 : 1;
