import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { Esplanade } from '../support/esplanade.ts';
import { HttpsClient, type RawAnswer } from '../support/https-client.ts';
import { body, Operator, uuidIn } from '../support/operator.ts';
import { carelessRequests } from './careless-requests.ts';
import { keyForms, MarkedKeys } from './marked-keys.ts';
import { SecretSearch } from './secret-search.ts';
import { Traces } from './traces.ts';

const launcher = fileURLToPath(new URL('../../bin/esplanade', import.meta.url));
const policies = '/api/security/ipsec/policies';

/** What a campaign searches and with what. */
export interface SecretCampaign {
  readonly name: string;
  /** A scratch directory. */
  readonly directory: string;
  /** Flags of the server: which datapath. */
  readonly flags: readonly string[];
  /** Logs of other processes that are given the keys. */
  readonly otherLogs?: () => readonly string[];
}

/**
 * Sends keys, right and wrong, to a server that logs all it can, restarts it, and searches everything it let out: no key
 * may be there. A marker that is no secret goes along, and is expected to be found in each kind of place.
 */
export async function expectSecretsKept(campaign: SecretCampaign): Promise<void> {
  const { directory, flags } = campaign;
  const control = `control-${randomBytes(16).toString('hex')}`;
  const dataDirectory = join(directory, 'data');
  const reports = join(directory, 'report');
  await mkdir(reports);
  const environment = [`NODE_OPTIONS=--report-on-signal --report-directory=${reports}`, `CONTROL=${control}`];
  const start = async (): Promise<Esplanade> =>
    await Esplanade.start({
      dataDirectory,
      flags: [...flags, '--log-level', 'debug'],
      command: ['env', ...environment, launcher],
    });
  const traces = new Traces();
  const keys = new MarkedKeys();
  let requests = 0;

  let server = await start();
  try {
    await new Operator(server).setIpsec(true);
    requests += await withClient(server, dataDirectory, (client) => sendKeys(client, traces, keys, control));
    await traces.files('data while it runs', dataDirectory);
    await server.stop();
    traces.log('log', server.log);
    await traces.files('data after a stop', dataDirectory);
    server = await start();
    requests += await withClient(server, dataDirectory, (client) => readEverything(client, traces));
    await traces.report(server.pid, reports);
  } finally {
    await server.stop();
  }
  traces.log('log', server.log);
  traces.log('log of others', campaign.otherLogs?.() ?? []);

  const found = traces.search(new SecretSearch(keys.all));
  const hits = found.filter(({ kind }) => kind !== 'quotation');
  console.info(
    `${campaign.name}: ${keys.all.length} marked keys in ${requests} requests, ${Math.round(traces.bytes / 1024)} KiB of answers, logs, files and reports searched, ${hits.length} hits`,
  );
  const controls = traces.search(new SecretSearch([{ label: 'control', bytes: Buffer.from(control) }]));
  expect([...new Set(controls.map(({ kind }) => kind))].sort()).toEqual([
    'answer',
    'data after a stop',
    'data while it runs',
    'log',
    'report',
  ]);
  expect(found.filter(({ kind }) => kind === 'quotation')).not.toEqual([]);
  expect(hits).toEqual([]);
}

async function withClient(
  server: Esplanade,
  dataDirectory: string,
  use: (client: HttpsClient) => Promise<number>,
): Promise<number> {
  const client = new HttpsClient(server.url, dataDirectory);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

/** Resolves to the number of requests. */
async function sendKeys(
  client: HttpsClient,
  traces: Traces,
  keys: MarkedKeys,
  control: string,
): Promise<number> {
  let requests = 0;
  const expecting = async (
    status: number,
    method: string,
    path: string,
    what?: object,
  ): Promise<RawAnswer> => {
    const answer = await client.call(method, path, what);
    requests += 1;
    traces.answer('answer', `${method} ${path}`, answer);
    expect(answer.status, `${method} ${path}: ${answer.text}`).toBe(status);
    return answer;
  };
  const create = async (name: string, remote: string, secretKey: string): Promise<string> => {
    const wish = body({ name, local: '10.9.0.1', remote, secretKey });
    return uuidIn(await expecting(201, 'POST', policies, wish));
  };
  for (const [index, form] of keyForms.entries()) {
    const taken = { name: `${form} ${control}`, remote: `10.9.0.${2 + index}` };
    const uuid = await create(taken.name, taken.remote, keys.key('posted', form));
    await expecting(200, 'PATCH', `${policies}/${uuid}`, { secret_key: keys.key('patched', form) });
    for (const { what, request, refused, isQuoted } of carelessRequests(keys, { uuid, ...taken })) {
      const answer = await client.send(request);
      requests += 1;
      traces.answer(isQuoted ? 'quotation' : 'answer', what, answer);
      expect(refused, `${what}: ${answer.status} ${answer.text}`).toContain(answer.status);
    }
  }
  const doomed = await create('doomed', '10.9.0.9', keys.key('doomed', 'text'));
  await expecting(200, 'DELETE', `${policies}/${doomed}`);
  await expecting(404, 'GET', `/api/${control}`);
  return requests;
}

const readable = [
  `${policies}?fields=**`,
  '/api/esplanade/v1/policies?fields=**',
  '/api/security/ipsec/security-associations?fields=**',
  '/metrics',
  '/readyz',
  '/openapi.json',
];

/** Resolves to the number of requests. */
async function readEverything(client: HttpsClient, traces: Traces): Promise<number> {
  for (const path of readable) {
    const answer = await client.call('GET', path);
    traces.answer('answer', path, answer);
    expect(answer.status, `${path}: ${answer.text}`).toBe(200);
  }
  return readable.length;
}
