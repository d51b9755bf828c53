import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../test/support/command.ts';
import { Esplanade } from '../test/support/esplanade.ts';
import { eventually } from '../test/support/eventually.ts';
import { startBareServer } from './bare-server.ts';
import { Client } from './client.ts';
import type { Load, LoadResult } from './load-generator.ts';
import { type Comparison, median } from './median.ts';
import { startPrism } from './prism.ts';
import { askProbe, probeFlags } from './probed.ts';
import { seedRecords, writeSeed } from './sa-seed.ts';
import { authorization } from './stage.ts';

const count = 100_000;
const rounds = 5;
const secondsEach = 2;
const collection = '/api/security/ipsec/security-associations';

interface Question {
  readonly what: string;
  readonly target: string;
  /** How many clients ask at once. */
  readonly connections: number;
  readonly requests: number;
}

/** The four that matter: quick ones by eight clients at once, scans of everything by one, to see how long it waits. */
function questions(): readonly Question[] {
  const [middle] = seedRecords(count).drop(count / 2);
  const quick = { connections: 8, requests: 4_000 };
  const scan = { connections: 1, requests: 100 };
  const filter = 'type=ipsec&policy_name=policy-1*&order_by=ipsec.inbound.bytes%20desc&max_records=100';
  return [
    { what: 'a page of 20', target: `${collection}?max_records=20`, ...quick },
    {
      what: 'two filters (one a wildcard), sorted, a page of 100',
      target: `${collection}?${filter}`,
      ...scan,
    },
    { what: 'one SA by uuid', target: `${collection}/${middle?.uuid}`, ...quick },
    { what: 'their number (`return_records=false`)', target: `${collection}?return_records=false`, ...scan },
  ];
}

interface Measured {
  readonly ours: LoadResult[];
  readonly bare: LoadResult[];
  readonly prism: LoadResult[];
}

/**
 * 100,000 seeded SAs. Ours: authenticate, query, project, render, from the last observation, which is renewed
 * meanwhile. Theirs: Node's own HTTPS server sending the very same bytes, and Prism answering from our OpenAPI document
 * with its examples. Each is a process of its own, asked in turns by the same client; beside it the longest pause of
 * our event loop, and how much memory an SA takes.
 */
export async function hundredThousandSas(): Promise<readonly Comparison[]> {
  const directory = await mkdtemp(join(tmpdir(), 'esplanade-bench-'));
  await using opened = new AsyncDisposableStack();
  opened.defer(() => rm(directory, { recursive: true }));
  const emptyBytes = await heapWithoutSas(join(directory, 'empty'));
  const seed = join(directory, 'seed.json');
  await writeSeed(seed, count);
  const dataDirectory = join(directory, 'data');
  const server = await start(dataDirectory, '--simulator-seed', seed);
  opened.defer(() => server.stop());
  const client = new Client(server.url, { connections: 1, headers: authorization });
  const asked = questions();
  const answers = [];
  for (const { target } of asked) {
    const answer = await client.call('GET', target);
    if (answer.status !== 200) throw new Error(`${target}: ${answer.status} ${answer.body}`);
    answers.push({ ...answer, target });
  }
  const openApi = await client.expect(200, 'GET', '/openapi.json');
  client.close();
  const bare = await startBareServer(dataDirectory, answers);
  opened.defer(async () => void (await bare.daemon.end()));
  const prism = await startPrism(join(directory, 'prism'), openApi);
  opened.defer(async () => void (await prism.daemon.end()));
  await eventually('Prism answers', () => isAnswering(prism.url + withoutServer(collection)));

  const results = asked.map((): Measured => ({ ours: [], bare: [], prism: [] }));
  const pauses = { ours: [] as number[], bare: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, question] of asked.entries()) {
      const { ours = [], bare: bares = [], prism: prisms = [] } = results[index] ?? {};
      await askProbe(server);
      ours.push(await load(server.url, question));
      pauses.ours.push((await askProbe(server)).longestPauseMs);
      await askProbe(bare.daemon);
      bares.push(await load(bare.url, question));
      pauses.bare.push((await askProbe(bare.daemon)).longestPauseMs);
      prisms.push(await load(prism.url, { ...question, target: withoutServer(question.target) }));
    }
  }
  const { heapBytes } = await askProbe(server);
  const recordBytes = (await stat(seed)).size / count;
  return [
    ...asked.flatMap(({ what, connections }, index) =>
      rows(`${count} SAs: ${what}, ${connections} at once`, results[index]),
    ),
    {
      what: `${count} SAs: longest pause of the event loop in ${pauses.ours.length} loads`,
      unit: 'ms',
      ours: { does: 'the worst of all', values: [Math.max(...pauses.ours)] },
      theirs: { does: 'bare `node:https`, the worst of all', values: [Math.max(...pauses.bare)] },
    },
    {
      what: `${count} SAs: memory for each, after garbage collection`,
      unit: 'bytes',
      ours: { does: 'heap with them less heap without', values: [(heapBytes - emptyBytes) / count] },
      theirs: { does: 'its record as JSON without spaces', values: [recordBytes] },
    },
  ];
}

function rows(
  what: string,
  { ours, bare, prism }: Measured = { ours: [], bare: [], prism: [] },
): Comparison[] {
  const side = (does: string, results: readonly LoadResult[]): Comparison['ours'] => {
    const p50 = median(results.map(({ p50Ms }) => p50Ms)).toFixed(2);
    const p99 = median(results.map(({ p99Ms }) => p99Ms)).toFixed(2);
    return {
      does: `${does}, p50 ${p50} ms, p99 ${p99} ms`,
      values: results.map(({ requestsPerSecond }) => requestsPerSecond),
    };
  };
  const unit = 'requests/s';
  const us = side('the whole way', ours);
  return [
    { what, unit, ours: us, theirs: side('bare `node:https`, the same bytes', bare) },
    { what, unit, ours: us, theirs: side('Prism, its example, no TLS', prism) },
  ];
}

async function start(dataDirectory: string, ...flags: readonly string[]): Promise<Esplanade> {
  const main = fileURLToPath(new URL('../packages/cli/src/main.ts', import.meta.url));
  return await Esplanade.start({
    dataDirectory,
    command: [process.execPath, ...probeFlags, main],
    flags: ['--datapath', 'simulated', '--log-level', 'warn', ...flags],
  });
}

/** What the heap holds of a server without SAs that has answered the same questions. */
async function heapWithoutSas(dataDirectory: string): Promise<number> {
  const server = await start(dataDirectory);
  const client = new Client(server.url, { connections: 1, headers: authorization });
  for (const { target } of questions()) await client.call('GET', target);
  client.close();
  const { heapBytes } = await askProbe(server);
  await server.stop();
  return heapBytes;
}

/** Prism serves the paths of a document without the path of its server. */
function withoutServer(target: string): string {
  return target.replace(/^\/api/, '');
}

async function isAnswering(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { headers: authorization })).ok;
  } catch (error) {
    if (error instanceof TypeError) return false; // nobody listens yet
    throw error;
  }
}

async function load(url: string, { target, connections, requests }: Question): Promise<LoadResult> {
  const program = fileURLToPath(new URL('./load-generator.ts', import.meta.url));
  const { authorization: credentials } = authorization;
  const task: Load = {
    url: url + target,
    headers: { authorization: credentials, accept: '*/*' },
    connections,
    requests,
    seconds: secondsEach,
  };
  const { stdout } = await runCommand(process.execPath, [program, JSON.stringify(task)]);
  return JSON.parse(stdout);
}
