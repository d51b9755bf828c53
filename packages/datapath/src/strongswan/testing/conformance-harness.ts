import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ViciClient } from '@esplanade/vici';
import { type IpspaceDaemons, startIpspaceDaemons } from '../../../../../test/support/charon.ts';
import type { Host } from '../../../../../test/support/network.ts';
import type { DatapathHarness } from '../../conformance.ts';
import type { Datapath } from '../../datapath.ts';
import { openStrongswanDatapath } from '../driver.ts';
import type { StrongswanOptions } from '../options.ts';

/** The daemons of an IPspace in a host's namespace, with a scratch directory that goes with them. */
export async function startDaemons(
  host: Host,
  options: { readonly guarded?: boolean } = {},
): Promise<IpspaceDaemons> {
  const directory = await mkdtemp(join(tmpdir(), 'esplanade-datapath-'));
  const daemons = await startIpspaceDaemons({ namespace: host.namespace, directory, ...options });
  return {
    ...daemons,
    close: async () => {
      await daemons.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A driver on those daemons. */
export function openDriver(
  { charon, guard }: IpspaceDaemons,
  options: Pick<StrongswanOptions, 'answerDeadlineMs' | 'idleIkeSaSeconds'> = {},
): Datapath {
  return openStrongswanDatapath({
    ...options,
    place: { nodeUuid: 'node-1', ipspaceUuid: 'ipspace-1' },
    mainSocketPath: charon.socket,
    guardSocketPath: guard?.socket,
  });
}

const foreignName = 'somebody-elses';
const foreignConnection = {
  [foreignName]: {
    version: '2',
    remote_addrs: ['10.9.200.1'],
    local: { auth: 'psk' },
    remote: { auth: 'psk' },
    children: { net: { mode: 'transport', start_action: 'trap', remote_ts: ['10.9.200.1/32'] } },
  },
};

/** What the conformance suite needs, over these daemons; `stop` is told whether charon runs at the end. */
export function harnessOn(
  daemons: IpspaceDaemons,
  options: {
    readonly stop: (isRunning: boolean) => Promise<void>;
    readonly sendTraffic?: DatapathHarness['sendTraffic'];
  },
): DatapathHarness {
  const datapath = openDriver(daemons);
  const client = new ViciClient({ path: daemons.charon.socket });
  let isRunning = true;
  const foreignIsThere = async (): Promise<boolean> => {
    const rows = await client.list('list-policies', 'list-policy', { trap: 'yes' });
    return rows.some((row) => row.section(`${foreignName}/net`) !== undefined);
  };
  return {
    datapath,
    reopen: async () => openDriver(daemons),
    kill: async () => {
      await daemons.charon.kill();
      isRunning = false;
    },
    restart: async () => {
      await daemons.charon.start();
      isRunning = true;
    },
    foreign: {
      connectionName: foreignName,
      create: async () => {
        await client.request('load-conn', foreignConnection);
      },
      isThere: foreignIsThere,
    },
    ...(options.sendTraffic === undefined ? {} : { sendTraffic: options.sendTraffic }),
    stop: async () => {
      await datapath.close();
      if (isRunning && (await foreignIsThere())) {
        await client.request('unload-conn', { name: foreignName });
      }
      client.close();
      await options.stop(isRunning);
    },
  };
}
