import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startIpspaceDaemons } from '../charon.ts';
import { Network } from '../network.ts';
import { StockPeer } from '../stock-peer.ts';
import { NoRootError, strongswanRoot } from './root.ts';

describe('the strongSwan that tests run on', () => {
  it("is the host's, or that of the root it was asked for, in our daemons and in stock peers", async () => {
    await using opened = new AsyncDisposableStack();
    const directory = await mkdtemp(join(tmpdir(), 'esplanade-root-'));
    opened.defer(() => rm(directory, { recursive: true }));
    const network = await Network.create(['ours', 'peer']);
    opened.defer(() => network.close());
    const { ours, peer } = network.hosts;
    const daemons = await startIpspaceDaemons({
      namespace: ours.namespace,
      directory: join(directory, 'ours'),
    });
    opened.defer(() => daemons.close());
    const place = { namespace: peer.namespace, directory: join(directory, 'peer') };
    const stock = await StockPeer.start({ ...place, configuration: '' });
    opened.defer(() => stock.stop());
    console.info((await stock.swanctl('--version')).trim());
    const running = [daemons.charon, daemons.guard, stock.charon].map((charon) => `/proc/${charon?.pid}/exe`);
    const wanted = ['ESPLANADE_STRONGSWAN', 'ESPLANADE_STRONGSWAN', 'ESPLANADE_PEER_STRONGSWAN'].map(
      programOf,
    );
    expect(await Promise.all(running.map(identityOf))).toEqual(await Promise.all(wanted.map(identityOf)));
  });

  it('fails with what to do where it cannot be downloaded', async () => {
    const attempt = strongswanRoot('nosuchsuite');
    await expect(attempt).rejects.toBeInstanceOf(NoRootError);
    await expect(attempt).rejects.toThrow(
      /nosuchsuite from .*see that the machine reaches the mirror, and try again/s,
    );
  });
});

/** The program that a daemon is to be, by the variable that names the programs of the root. */
function programOf(variable: string): string {
  const bin = process.env[variable];
  return join(bin === undefined ? '/usr' : join(bin, '../usr'), 'sbin/charon-systemd');
}

/** Tells files apart whatever the mounts that they are seen through. */
async function identityOf(path: string): Promise<string> {
  const { dev, ino } = await stat(path);
  return `${dev}:${ino}`;
}
