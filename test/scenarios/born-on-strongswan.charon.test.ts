import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type IpspaceDaemons, startIpspaceDaemons } from '../support/charon.ts';
import { runCommand } from '../support/command.ts';
import { Esplanade } from '../support/esplanade.ts';
import { eventually } from '../support/eventually.ts';
import { Network } from '../support/network.ts';
import { Operator } from '../support/operator.ts';
import { kernelPolicies } from '../support/xfrm.ts';

const launcher = join(import.meta.dirname, '../../bin/esplanade');
const local = '10.9.0.1';
const remote = '10.9.0.2';

describe('a data directory born on strongSwan', () => {
  let directory: string;
  let network: Network<'ours'>;
  let daemons: IpspaceDaemons;
  let server: Esplanade;
  let operator: Operator;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-born-'));
    network = await Network.create(['ours']);
    const { namespace } = network.hosts.ours;
    daemons = await startIpspaceDaemons({ namespace, directory });
    await start('strongswan');
    await operator.setIpsec(true);
  });

  afterAll(async () => {
    await server?.stop();
    await daemons?.close();
    await network?.close();
    await rm(directory, { recursive: true });
  });

  beforeEach(({ onTestFailed }) =>
    onTestFailed(() => console.error([...server.log, '---- charon', ...daemons.charon.log].join('\n'))),
  );

  const data = () => join(directory, 'data');
  const start = async (datapath: string): Promise<void> => {
    const vici = `Default=${daemons.charon.socket}`;
    server = await Esplanade.start({
      dataDirectory: data(),
      flags: ['--datapath', datapath, '--vici', vici],
    });
    operator = new Operator(server);
  };
  const discard = async (remotePort: number): Promise<string> =>
    await operator.create({
      name: `discard ${remotePort}`,
      action: 'discard',
      local,
      remote,
      protocol: 'tcp',
      remotePort,
    });
  /** The remote ports that the kernel blocks by charon's policies, the guard's blocks left aside. */
  const blockedPorts = async (): Promise<readonly number[]> =>
    (await kernelPolicies(network.hosts.ours))
      .filter(
        ({ direction, mark, action }) => direction === 'out' && mark === undefined && action === 'block',
      )
      .map(({ selector }) => Number(/dport (\d+)/.exec(selector)?.[1]))
      .sort((a, b) => a - b);
  const expectRed = async (reason: RegExp): Promise<void> => {
    const { status, body } = await operator.readiness();
    expect(status).toBe(503);
    expect(body.ready).toBe(false);
    expect(body.datapath.kind).toBe('strongswan');
    expect(body.datapath.ipspaces[0]?.reason).toMatch(reason);
  };
  const untilGreen = async (): Promise<void> => {
    await eventually('ready again', async () => (await operator.readiness()).status === 200);
  };

  it('carries policies out while charon answers', async () => {
    const uuid = await discard(1001);
    expect((await operator.status(uuid)).state).toBe('applied');
    expect(await blockedPorts()).toEqual([1001]);
    await untilGreen();
  });

  it('turns red when the socket goes, keeps what is written, and applies it when the socket is back', async () => {
    await daemons.charon.stop();
    await eventually('the server notices', async () => (await operator.readiness()).status === 503);
    await expectRed(/Default\.sock/);
    const written = await discard(1002);
    const status = await operator.status(written);
    expect(status).toMatchObject({ state: 'pending', reason: expect.stringContaining('Default.sock') });
    expect(status.applied_revision).toBeUndefined();
    await operator.patch(written, { remote_endpoint: { port: '1003' } });
    await daemons.charon.start();
    await operator.until(written, ({ state }) => state === 'applied');
    expect(await blockedPorts()).toEqual([1001, 1003]);
    await untilGreen();
  });

  it.for(['auto', 'strongswan'])(
    'does not fall back to the simulator when started without the socket and --datapath %s',
    async (datapath) => {
      const port = datapath === 'auto' ? 1004 : 1005;
      await server.stop();
      await daemons.charon.stop();
      await start(datapath);
      await expectRed(/Default\.sock/);
      const answer = await server.call('GET', '/api/security/ipsec/security-associations');
      expect(answer.status).toBe(503);
      const written = await discard(port);
      expect((await operator.status(written)).state).toBe('pending');
      await daemons.charon.start();
      await operator.until(written, ({ state }) => state === 'applied');
      expect(await blockedPorts()).toContain(port);
      await untilGreen();
    },
  );

  it('refuses to be started as a simulator', async () => {
    await server.stop();
    const flags = ['--listen', '127.0.0.1:0', '--data-dir', data(), '--datapath', 'simulated'];
    const { status, stderr } = await runCommand(launcher, ['serve', ...flags], { anyStatus: true });
    expect(status).toBe(2);
    expect(stderr).toContain('born on the strongswan datapath');
    await start('auto');
    expect((await operator.statuses()).map(({ state }) => state)).toEqual(Array(4).fill('applied'));
    console.info(
      'born on strongSwan: the socket went 3 times, 4 writes were stored as pending and applied later, 0 simulated',
    );
  });
});
