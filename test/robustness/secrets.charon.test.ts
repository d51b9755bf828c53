import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type IpspaceDaemons, startIpspaceDaemons } from '../support/charon.ts';
import { Network } from '../support/network.ts';
import { expectSecretsKept } from './secret-campaign.ts';

describe('the keys that charon is given', () => {
  let directory: string;
  let network: Network<'ours'>;
  let daemons: IpspaceDaemons;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-secrets-'));
    network = await Network.create(['ours']);
    const { namespace } = network.hosts.ours;
    daemons = await startIpspaceDaemons({ namespace, directory: join(directory, 'charon') });
  });

  afterAll(async () => {
    await daemons?.close();
    await network?.close();
    await rm(directory, { recursive: true });
  });

  it('are in nothing that the server lets out, nor in the log of charon or the guard', async () => {
    const flags = ['--datapath', 'strongswan', '--vici', `Default=${daemons.charon.socket}`];
    const otherLogs = () => [...daemons.charon.log, ...(daemons.guard?.log ?? [])];
    await expectSecretsKept({ name: 'secrets with charon', directory, flags, otherLogs });
  });
});
