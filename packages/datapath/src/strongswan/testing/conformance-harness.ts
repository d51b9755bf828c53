import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ViciClient } from '@esplanade/vici';
import { type IpspaceDaemons, startIpspaceDaemons } from '../../../../../test/support/charon.ts';
import type { Host } from '../../../../../test/support/network.ts';
import type { DatapathHarness } from '../../conformance.ts';
import type { Datapath } from '../../datapath.ts';
import { openStrongswanDatapath, type StrongswanOptions } from '../driver.ts';

export const testPlace = { nodeUuid: 'node-1', ipspaceUuid: 'ipspace-1' };

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
  options: Pick<StrongswanOptions, 'answerDeadlineMs'> = {},
): Datapath {
  return openStrongswanDatapath({
    ...options,
    place: testPlace,
    mainSocketPath: charon.socket,
    guardSocketPath: guard?.socket,
  });
}

const foreignConnection = {
  'somebody-elses': {
    version: '2',
    remote_addrs: ['10.9.200.1'],
    local: { auth: 'psk' },
    remote: { auth: 'psk' },
    children: { net: { mode: 'transport', start_action: 'trap', remote_ts: ['10.9.200.1/32'] } },
  },
};

/** What the conformance suite needs, over a charon of its own. */
export async function openHarness(
  host: Host,
  options: {
    readonly guarded?: boolean;
    readonly sendTraffic?: DatapathHarness['sendTraffic'];
    readonly alsoStop?: () => Promise<void>;
  } = {},
): Promise<DatapathHarness> {
  const daemons = await startDaemons(host, options);
  const datapath = openDriver(daemons);
  const client = new ViciClient({ path: daemons.charon.socket });
  return {
    datapath,
    reopen: async () => openDriver(daemons),
    kill: () => daemons.charon.kill(),
    restart: () => daemons.charon.start(),
    foreign: {
      create: async () => {
        await client.request('load-conn', foreignConnection);
      },
      isThere: async () => {
        const rows = await client.list('list-policies', 'list-policy', { trap: 'yes' });
        return rows.some((row) => row.section('somebody-elses/net') !== undefined);
      },
    },
    ...(options.sendTraffic === undefined ? {} : { sendTraffic: options.sendTraffic }),
    stop: async () => {
      client.close();
      await datapath.close();
      await daemons.close();
      await options.alsoStop?.();
    },
  };
}
