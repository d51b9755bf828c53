import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type IpspaceDaemons, startIpspaceDaemons } from '../support/charon.ts';
import { Esplanade } from '../support/esplanade.ts';
import { eventually } from '../support/eventually.ts';
import { HttpsClient } from '../support/https-client.ts';
import { Network } from '../support/network.ts';
import { Operator } from '../support/operator.ts';
import { metric } from './drift-campaign.ts';

const requestsOfEach = process.env['ESPLANADE_CAMPAIGN'] === 'full' ? 1_000 : 100;
/** How much longer the same requests may take; what they wait for is the machine and not charon. */
const tolerance = 3;
/** Nobody asks anything: a beat is due after 15 s, and an answer to it 4 s later. */
const unasked = { deadlineMilliseconds: 30_000 };
const mix = [
  '/api/security/ipsec/policies?fields=*',
  '/api/security/ipsec/security-associations?fields=*',
  '/api/esplanade/v1/policies?fields=*',
  '/api/esplanade/v1/datapaths?fields=*',
  '/api/security/ipsec',
];

/** charon is stopped where it stands: its socket accepts, and never answers. */
describe('a charon that hangs', () => {
  let directory: string;
  let network: Network<'ours'>;
  let daemons: IpspaceDaemons;
  let server: Esplanade;
  let operator: Operator;
  let reader: HttpsClient;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-hang-'));
    network = await Network.create(['ours']);
    daemons = await startIpspaceDaemons({ namespace: network.hosts.ours.namespace, directory });
    server = await Esplanade.start({
      dataDirectory: join(directory, 'data'),
      flags: ['--datapath', 'strongswan', '--vici', `Default=${daemons.charon.socket}`],
    });
    operator = new Operator(server);
    reader = new HttpsClient(server.url, join(directory, 'data'));
    await operator.setIpsec(true);
    for (let port = 1; port <= 20; port += 1) await create(port);
  });
  afterAll(async () => {
    reader?.close();
    await server?.stop();
    await daemons?.close();
    await network?.close();
    await rm(directory, { recursive: true });
  });
  beforeEach(({ onTestFailed }) =>
    onTestFailed(() => console.error([...server.log, '---- charon', ...daemons.charon.log].join('\n'))),
  );

  const create = async (remotePort: number): Promise<string> =>
    operator.create({
      name: `policy ${remotePort}`,
      local: '10.9.0.1',
      remote: '10.9.0.2',
      protocol: 'tcp',
      remotePort,
      secretKey: 'a key that nobody else has',
    });
  /** Milliseconds of the median request of the mix. */
  const medianMs = async (): Promise<number> => {
    const times: number[] = [];
    for (let round = 0; round < requestsOfEach; round += 1) {
      for (const path of mix) {
        const sinceMs = performance.now();
        expect((await reader.call('GET', path)).status).toBe(200);
        times.push(performance.now() - sinceMs);
      }
    }
    times.sort((a, b) => a - b);
    return times[times.length >> 1] ?? 0;
  };
  /** Resolves when charon is asked nothing but whether it is there. */
  const untilNobodyAsks = async (): Promise<void> => {
    let listings = -1;
    const isQuiet = async (): Promise<boolean> => {
      const before = listings;
      const labels = 'ipspace="Default",daemon="charon",command="list-sas"';
      listings = await metric(server, `esplanade_vici_requests_total{${labels}}`);
      return listings === before;
    };
    await eventually('nobody reads', isQuiet, { ...unasked, intervalMilliseconds: 3_000 });
  };
  const untilReady = async (): Promise<void> => {
    await eventually('the server is ready', async () => (await operator.readiness()).status === 200, unasked);
  };
  const untilHangs = async (): Promise<number> => {
    const sinceMs = performance.now();
    await eventually(
      'the server is not ready',
      async () => (await operator.readiness()).status === 503,
      unasked,
    );
    return performance.now() - sinceMs;
  };

  it('is noticed when nobody reads or writes, and readyz says which socket and since when', {
    timeout: 90_000,
  }, async () => {
    await untilNobodyAsks();
    const before = new Date().toISOString();
    await daemons.charon.hang();
    try {
      console.info(`a charon that hangs was noticed unasked after ${Math.round(await untilHangs())} ms`);
      const { body } = await operator.readiness();
      expect(body.ready).toBe(false);
      const [ipspace] = body.datapath.ipspaces;
      expect(ipspace?.reason).toContain(`charon at ${daemons.charon.socket} gives no answer`);
      expect(ipspace?.since?.localeCompare(before)).toBe(1);
    } finally {
      daemons.charon.resume();
    }
    await untilReady();
  });

  it('is noticed sooner when somebody reads; reads are as fast, and what is written is kept', {
    timeout: 180_000,
  }, async () => {
    await medianMs();
    const before = await medianMs();
    await daemons.charon.hang();
    let hanging: number;
    let uuid: string;
    try {
      hanging = await medianMs();
      const noticed = await untilHangs();
      console.info(`noticed ${Math.round(noticed)} ms after the last read at most`);
      const listing = await eventually('the SAs are said to be old', async () => {
        const now = await operator.sas();
        return now.error !== undefined && now;
      });
      expect(listing.error?.message).toContain('gives no answer');
      expect(listing.observed_at).toBeDefined();
      uuid = await create(1_000);
      expect(await operator.status(uuid)).toMatchObject({
        state: 'pending',
        reason: expect.stringContaining('gives no answer'),
      });
    } finally {
      daemons.charon.resume();
    }
    await untilReady();
    const answering = Math.max(before, await medianMs());
    console.info(
      `GETs: ${before.toFixed(1)} ms median before, ${hanging.toFixed(1)} ms while charon hangs, ${answering.toFixed(1)} ms at most while it answers: ratio ${(hanging / answering).toFixed(2)}`,
    );
    expect(hanging / answering).toBeLessThan(tolerance);
    await operator.until(uuid, ({ state }) => state === 'applied');
    await eventually('SAs are current again', async () => (await operator.sas()).error === undefined);
    expect((await operator.statuses()).every(({ state }) => state === 'applied')).toBe(true);
  });

  /** Of the last policy; a second try needs one of its own. */
  let number = 1_000;

  it('is as bad when it is the guard', { timeout: 90_000 }, async () => {
    await daemons.guard?.hang();
    let uuid: string;
    try {
      number += 1;
      uuid = await create(number);
      expect((await operator.status(uuid)).state).toBe('pending');
      const namesGuard = async (): Promise<boolean> => {
        const { body } = await operator.readiness();
        const [{ reason = '' } = {}] = body.datapath.ipspaces;
        return !body.ready && reason.includes(`charon at ${daemons.guard?.socket} gives no answer`);
      };
      // A write that is not answered may be given up before it is known who keeps it waiting.
      await eventually('readyz names the guard', namesGuard, unasked);
      const namedAt = new Date().toISOString();
      // Charon itself answers.
      await eventually('the SAs have been listed since', async () => {
        const { observed_at } = await operator.sas();
        return observed_at.localeCompare(namedAt) > 0;
      });
      expect(await namesGuard()).toBe(true);
    } finally {
      daemons.guard?.resume();
    }
    await untilReady();
    await operator.until(uuid, ({ state }) => state === 'applied');
  });
});
