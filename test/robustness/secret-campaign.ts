import { execFile } from 'node:child_process';
import { createPrivateKey, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { at, listOf, operationsOf } from '../fuzz/operations.ts';
import { Esplanade, launcher } from '../support/esplanade.ts';
import { HttpsClient, type RawAnswer } from '../support/https-client.ts';
import { body, Operator, uuidIn } from '../support/operator.ts';
import { carelessRequests } from './careless-requests.ts';
import { exhaustedSignal, reportOptions, uncaughtSignal } from './dying-server.ts';
import { keyForms, MarkedKeys } from './marked-keys.ts';
import { type MarkedRequest, otherWays } from './marked-ways.ts';
import { addBystanders, refusedEarly } from './refused-early.ts';
import { encodingCount, SecretSearch } from './secret-search.ts';
import { Traces } from './traces.ts';

const execute = promisify(execFile);
const policies = '/api/security/ipsec/policies';

/** What a campaign searches and with what. */
export interface SecretCampaign {
  readonly name: string;
  /** A scratch directory. */
  readonly directory: string;
  /** Flags of the server: which datapath. */
  readonly flags: readonly string[];
  /** Also lets the server die of errors, and starts another one with a marked first password. */
  readonly isThorough?: boolean;
  /** Logs of other processes that are given the keys. */
  readonly otherLogs?: () => readonly string[];
}

/**
 * Sends keys, right and wrong, to a server that logs all it can, restarts it, and searches everything it let out: no key
 * may be there. A marker that is no secret goes along, and is expected to be found in each kind of place.
 */
export async function expectSecretsKept(campaign: SecretCampaign): Promise<void> {
  const { flags } = campaign;
  const directory = await mkdtemp(join(campaign.directory, 'run-'));
  const control = `control-${randomBytes(16).toString('hex')}`;
  // The log names it, and the command line.
  const dataDirectory = join(directory, `data-${control}`);
  const reports = join(directory, 'report');
  await mkdir(reports);
  const traces = new Traces();
  const keys = new MarkedKeys();
  const environment = [
    `NODE_OPTIONS=${reportOptions(reports)}`,
    `CONTROL=${control}`,
    // Of no effect where there are accounts; the process has it all the same. Its own user may read that.
    `ESPLANADE_ADMIN_PASSWORD=${markedPassword(keys)}`,
  ];
  const start = async (variables: readonly string[], data = dataDirectory): Promise<Esplanade> =>
    await Esplanade.start({
      dataDirectory: data,
      flags: [...flags, '--log-level', 'trace'],
      command: ['env', ...variables, launcher],
    });
  let requests = 0;

  let server = await start(environment.slice(0, 2));
  try {
    await addOwnKeys(keys, dataDirectory);
    const operator = new Operator(server);
    await operator.setIpsec(true);
    const careless: MarkedRequest[] = [];
    requests += await withClient(server, dataDirectory, (client) =>
      sendKeys(client, traces, keys, control, careless),
    );
    const others = otherWays(keys);
    requests += await withClient(server, dataDirectory, (client) => sendOthers(client, traces, others));
    await addBystanders(operator);
    requests += await withClient(server, dataDirectory, (client) =>
      sendRefused(client, traces, [...careless, ...others]),
    );
    await traces.files('data while it runs', dataDirectory);
    await takeBackup(traces, directory, dataDirectory);
    await server.stop();
    traces.log('log', server.log);
    await traces.files('data after a stop', dataDirectory);
    server = await start(environment);
    requests += await withClient(server, dataDirectory, (client) => readEverything(client, traces));
    await traces.process(server.pid);
    await traces.report(server.pid, reports);
    if (campaign.isThorough) {
      for (const signal of [uncaughtSignal, exhaustedSignal] as const) {
        await traces.dying(server.pid, signal, reports);
        traces.log('log', server.log);
        server = await start(environment);
      }
      await traces.files('data after a crash', dataDirectory);
    }
  } finally {
    await server.stop();
  }
  traces.log('log', server.log);
  traces.log('log of others', campaign.otherLogs?.() ?? []);
  if (campaign.isThorough) {
    const fresh = join(directory, 'fresh');
    server = await start(environment, fresh);
    await server.stop();
    traces.log('log', server.log);
    await traces.files('data after a stop', fresh);
  }

  const found = traces.search(new SecretSearch(keys.all));
  const hits = found.filter(({ kind }) => kind !== 'quotation');
  console.info(
    `${campaign.name}: ${keys.all.length} marked secrets in ${requests} requests, ${Math.round(traces.bytes / 1024)} KiB of answers, logs, files, backups and reports searched in ${encodingCount} encodings, ${hits.length} hits`,
  );
  const controls = traces.search(new SecretSearch([{ label: 'control', bytes: Buffer.from(control) }]));
  // A key that begins with "!" or ">" asks, as a filter, for policies, whose names have the control.
  const places = new Set(controls.map(({ kind }) => kind).filter((kind) => kind !== 'quotation'));
  expect([...places].sort()).toEqual([
    'answer',
    'backup',
    ...(campaign.isThorough ? ['data after a crash'] : []),
    'data after a stop',
    'data while it runs',
    'log',
    'process',
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
  careless: MarkedRequest[],
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
      careless.push({ what, request, ...(isQuoted && { isQuoted }) });
    }
  }
  const doomed = await create('doomed', '10.9.0.9', keys.key('doomed', 'text'));
  await expecting(200, 'DELETE', `${policies}/${doomed}`);
  await expecting(404, 'GET', `/api/${control}`);
  return requests;
}

/** Whatever becomes of them: what counts is where they are found afterwards. Resolves to the number of requests. */
async function sendOthers(
  client: HttpsClient,
  traces: Traces,
  ways: readonly MarkedRequest[],
): Promise<number> {
  for (const { what, request, isQuoted } of ways) {
    const answer = await client.send(request);
    traces.answer(isQuoted ? 'quotation' : 'answer', what, answer);
    expect(answer.status, `${what}: ${answer.text}`).toBeLessThan(500);
  }
  return ways.length;
}

/** The same where nobody looks at it: its texts are as they came. Resolves to the number of requests. */
async function sendRefused(
  client: HttpsClient,
  traces: Traces,
  ways: readonly MarkedRequest[],
): Promise<number> {
  const refused = ways.flatMap((way) =>
    refusedEarly(way.request).map((request) => ({ ...way, what: `${way.what}, refused early`, request })),
  );
  return await sendOthers(client, traces, refused);
}

/** What the server has of its own: the files that hold it are the only places where it may be. */
async function addOwnKeys(keys: MarkedKeys, dataDirectory: string): Promise<void> {
  const sealing = await readFile(join(dataDirectory, 'secrets.key'), 'utf8');
  for (const text of sealing.match(/[A-Za-z0-9+/]{43}=?|[0-9a-f]{64}/g) ?? []) {
    const bytes = Buffer.from(text, text.length === 64 ? 'hex' : 'base64');
    keys.add('sealing key', bytes, 'secrets.key');
  }
  const tls = createPrivateKey(await readFile(join(dataDirectory, 'tls.key')));
  keys.add('key of TLS', Buffer.from(tls.export({ format: 'jwk' }).d ?? '', 'base64url'), 'tls.key');
  expect(keys.all.map(({ label }) => label)).toContain('sealing key');
}

function markedPassword(keys: MarkedKeys): string {
  const password = `first-${randomBytes(16).toString('hex')}`;
  keys.add('first password, in the environment', Buffer.from(password), 'environ');
  return password;
}

/** What an operator takes away from a running server, and what the commands print. */
async function takeBackup(traces: Traces, directory: string, dataDirectory: string): Promise<void> {
  const file = join(directory, 'backup');
  const data = ['--data-dir', dataDirectory];
  for (const command of [
    ['backup', file],
    ['backup', file, '--verify'],
    ['audit', 'verify'],
    ['key', 'status'],
  ]) {
    const { stdout, stderr } = await execute(launcher, [...command, ...data]);
    traces.text('backup', command.join(' '), `${stdout}${stderr}`);
  }
  traces.text('backup', file, (await readFile(file)).toString('latin1'));
}

const outsideOfTheApi = ['/metrics', '/healthz', '/openapi.json', '/docs/api'];

/** Everything that can be read, as the server itself describes it. Resolves to the number of requests. */
async function readEverything(client: HttpsClient, traces: Traces): Promise<number> {
  let requests = 0;
  const read = async (path: string, statuses: readonly number[] = [200]): Promise<unknown> => {
    const answer = await client.call('GET', path);
    requests += 1;
    traces.answer('answer', path, answer);
    expect(statuses, `${path}: ${answer.text}`).toContain(answer.status);
    return answer.body;
  };
  for (const path of outsideOfTheApi) await read(path);
  // It may still be comparing what charon has.
  await read('/readyz', [200, 503]);
  const collections = operationsOf((await client.call('GET', '/openapi.json')).body).filter(
    ({ method, path }) => method === 'GET' && !path.includes('{'),
  );
  for (const { path } of collections) {
    // Some say nothing without being asked something, and the simulator nothing where strongSwan is.
    const body = await read(`${path}?fields=**`, [200, 400, 409]);
    for (const record of listOf(at(body, 'records')).slice(0, 40)) {
      const href = at(at(at(record, '_links'), 'self'), 'href');
      if (typeof href === 'string') await read(`${href}?fields=**`);
    }
  }
  return requests;
}
