import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SeededRandom } from '../robustness/seeded-random.ts';
import { type Esplanade, testPassword } from '../support/esplanade.ts';
import { HttpsClient } from '../support/https-client.ts';
import { bytesOf, type FuzzRequest, printed } from './fuzz-request.ts';
import { operationsOf } from './operations.ts';
import { RequestMaker } from './request-maker.ts';
import { shrink } from './shrink.ts';
import { furnish, learn } from './stage.ts';
import { type FuzzLimits, type FuzzReport, Tally } from './tally.ts';
import { tornBytes } from './torn-bytes.ts';
import { faultOf } from './verdict.ts';
import { type Exchange, WireClient } from './wire-client.ts';

/** What to send to, and how much of it. */
export interface FuzzOptions {
  readonly server: Esplanade;
  readonly dataDirectory: string;
  readonly seed: number;
  readonly connections: number;
  readonly limits: FuzzLimits;
  /** Told of the state now and then, until it is over. */
  readonly onProgress?: (report: FuzzReport) => void;
}

const deadlineMs = 20_000;
/** Executions after which everything is put up anew. */
const stintLength = 4_000;
/** Of so many requests one is torn on its way; each costs a connection. */
const tornOneIn = 200;

/** Sends mutated requests over several connections at once until the tally is full. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { server, dataDirectory, seed, connections, limits, onProgress } = options;
  const client = new HttpsClient(server.url, dataDirectory);
  const certificate = readFileSync(join(dataDirectory, 'tls.crt'), 'utf8');
  const authorization = `Basic ${Buffer.from(`admin:${testPassword}`).toString('base64')}`;
  // What is broken on purpose answers 503, as it should.
  const operations = operationsOf((await client.call('GET', '/openapi.json')).body).filter(
    ({ method, path }) => method !== 'POST' || path !== '/api/esplanade/v1/simulator/faults',
  );
  const tally = new Tally(limits, server.pid);

  const send = async (wire: WireClient, request: FuzzRequest): Promise<Exchange> => {
    const exchange = await wire.exchange(bytesOf(request, authorization), request.method === 'HEAD');
    if (exchange.kind === 'answer') tally.count(exchange.answer.status, exchange.answer.tookMs);
    else tally.count(0, 0);
    return exchange;
  };
  const failsAlike = async (wire: WireClient, request: FuzzRequest, fault: string): Promise<boolean> => {
    const exchange = await send(wire, request);
    return exchange.kind !== 'refused' && faultOf(request, exchange)?.slice(0, 12) === fault.slice(0, 12);
  };
  const tear = async (wire: WireClient, request: FuzzRequest, random: SeededRandom): Promise<void> => {
    const bytes = tornBytes(bytesOf(request, authorization), random);
    const answers = await wire.answersTo(bytes);
    tally.count(0, 0);
    if (answers === undefined) tally.fail('the server takes no connections');
    else if (/^HTTP\/1\.1 5/m.test(answers))
      tally.fail(
        `torn bytes were answered ${JSON.stringify(answers)}\n${JSON.stringify(bytes.toString('latin1'))}`,
      );
  };
  const strand = async (wire: WireClient, random: SeededRandom, maker: RequestMaker, end: number) => {
    while (!tally.isOver && tally.executions < end) {
      const request = maker.next();
      if (mayLockUsOut(request)) continue;
      if (random.below(tornOneIn) === 0) {
        await tear(wire, request, random);
        continue;
      }
      const fault = faultOf(request, await send(wire, request));
      if (fault === undefined) continue;
      const small = await shrink(request, (candidate) => failsAlike(wire, candidate, fault));
      const origin = small === request ? '' : `\n made small of\n${printed(request)}`;
      tally.fail(`${fault}\n${printed(small)}${origin}`);
    }
  };

  const wires = Array.from(
    { length: connections },
    () => new WireClient(server.url, certificate, deadlineMs),
  );
  const told = new Set<string>();
  for (let stint = 0; !tally.isOver; stint += 1) {
    await furnish(client);
    const knowledge = await learn(client, operations);
    const end = tally.executions + stintLength;
    const strands = wires.map((wire, index) => {
      const random = new SeededRandom(seed + stint * connections + index);
      return strand(wire, random, new RequestMaker(operations, knowledge, random), end);
    });
    await Promise.all(strands);
    for (const line of server.log.filter((each) => /Z (ERROR|FATAL) /.test(each))) {
      if (!told.has(line)) tally.fail(`its log says: ${line}`);
      told.add(line);
    }
    if (!tally.isOver) onProgress?.(tally.report());
  }
  for (const wire of wires) wire.close();
  client.close();
  return tally.report();
}

/** Whether a request may change the account that the requests come from, after which nothing would be looked at. */
function mayLockUsOut({ method, path }: FuzzRequest): boolean {
  return (
    method !== 'GET' && method !== 'POST' && /accounts/i.test(URL.parse(path, 'https://x')?.pathname ?? '')
  );
}
