import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Esplanade } from '../test/support/esplanade.ts';
import { startBareServer } from './bare-server.ts';
import { Client, inParallel } from './client.ts';
import type { Comparison } from './median.ts';
import { benchPolicies, restBody } from './policies.ts';
import { authorization, localAddress } from './stage.ts';

const path = '/api/security/ipsec/policies?fields=*&max_records=20';
const rounds = 7;
const requestsPerRound = 1_500;
const connections = 8;

/**
 * A page of 20 policies out of 1,000, all fields. Ours: authenticate, authorise, query, project, render. Theirs: Node's
 * own HTTPS server sending the very same bytes. Both in a process of their own, asked in turns by the same client.
 */
export async function pageOf20(): Promise<readonly Comparison[]> {
  const directory = await mkdtemp(join(tmpdir(), 'esplanade-bench-'));
  const dataDirectory = join(directory, 'data');
  const server = await Esplanade.start({
    dataDirectory,
    flags: ['--datapath', 'simulated', '--log-level', 'warn'],
  });
  const ours = new Client(server.url, { connections, headers: authorization });
  await inParallel(benchPolicies(1_000), connections, (policy) =>
    ours.expect(201, 'POST', '/api/security/ipsec/policies', restBody(policy, localAddress)),
  );
  const page = await ours.call('GET', path);
  if (JSON.parse(page.body).num_records !== 20)
    throw new Error(`not a page of 20: ${page.body.slice(0, 200)}`);
  const bare = await startBareServer(dataDirectory, [{ ...page, target: path }]);
  const theirs = new Client(bare.url, { connections });
  const rates = { ours: [] as number[], theirs: [] as number[] };
  await rate(ours);
  await rate(theirs);
  for (let round = 0; round < rounds; round += 1) {
    rates.ours.push(await rate(ours));
    rates.theirs.push(await rate(theirs));
  }
  ours.close();
  theirs.close();
  await bare.daemon.end();
  await server.stop();
  await rm(directory, { recursive: true });
  const kilobytes = (page.body.length / 1_000).toFixed(1);
  return [
    {
      what: `GET of a page of 20 among 1,000 (${kilobytes} kB, ${connections} connections)`,
      unit: 'requests/s',
      ours: { does: 'authenticate, query, project, render', values: rates.ours },
      theirs: { does: 'bare `node:https` sending the same bytes', values: rates.theirs },
    },
  ];
}

async function rate(client: Client): Promise<number> {
  const start = performance.now();
  await inParallel(Array.from({ length: requestsPerRound }), connections, () =>
    client.expect(200, 'GET', path),
  );
  return requestsPerRound / ((performance.now() - start) / 1_000);
}
