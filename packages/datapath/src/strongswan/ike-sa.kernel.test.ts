import { ViciClient } from '@esplanade/vici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../../test/support/eventually.ts';
import type { Datapath } from '../datapath.ts';
import { openDriver } from './testing/conformance-harness.ts';
import {
  DriverBesidePeer,
  expectSame,
  isEstablished,
  isInstalled,
  nfsPort,
} from './testing/driver-beside-peer.ts';
import { entry, testPsk } from './testing/entries.ts';
import { peerConfiguration } from './testing/peer-configuration.ts';

let bed: DriverBesidePeer;

beforeAll(async () => {
  bed = await DriverBesidePeer.start();
});
afterAll(() => bed?.stop());
afterEach(() => bed.clear());

describe('an IKE SA', () => {
  /** Ends idle IKE SAs whenever it lists; the one under test leaves them alone for a minute. */
  let impatient: Datapath;
  beforeAll(() => {
    impatient = openDriver(bed.daemons, { idleIkeSaSeconds: 1 });
  });
  afterAll(() => impatient.close());

  it('that carries nothing is ended', async () => {
    await bed.peerAccepts({ children: [{ ...bed.child('all'), espProposals: 'aes128gcm16' }] });
    await bed.install(entry(1, { remote: '10.9.0.0/24', protocol: 6 }));
    await bed.failureOf(1, () => bed.connect(nfsPort));
    const [idle] = await bed.establishedIkeSas();
    expect(idle).toBeDefined();
    await eventually('it is gone', async () =>
      (await impatient.securityAssociations()).every(({ uuid: one }) => one !== idle?.uuid),
    );
  });

  it('whose work a newer one does is ended, and the newer stays', async () => {
    const connections = ['first', 'second'].map((name, index) => ({
      ...bed.ends,
      name,
      dpdSeconds: 1_000 + index,
      children: [bed.child(`child-${name}`)],
    }));
    await bed.peer.load(connections.map(peerConfiguration).join('\n'));
    await bed.install(entry(1));
    await bed.peer.initiate('child-first');
    const first = await bed.onlyChildOf(1);
    await bed.peer.initiate('child-second');
    const second = await eventually('the second is there', async () =>
      (await bed.childrenOf(1)).find(({ ikeUuid }) => ikeUuid !== first.ikeUuid),
    );
    await eventually('one of them is gone', async () => {
      const listed = await impatient.securityAssociations();
      return listed.filter(isEstablished).length === 1;
    });
    expectSame(await bed.onlyChildOf(1), second);
    expect(await bed.connect(nfsPort)).toBe('answered');
    expectSame(await bed.onlyChildOf(1), second);
  });

  it('that carries a CHILD SA stays, however long', async () => {
    await bed.peerAccepts();
    await bed.install(entry(1));
    expect(await bed.connect(nfsPort)).toBe('answered');
    const before = await bed.onlyChildOf(1);
    const sinceMs = Date.now();
    await eventually('it has been up for long', async () => {
      await impatient.securityAssociations();
      return Date.now() - sinceMs > 3_000;
    });
    expectSame(await bed.onlyChildOf(1), before);
  });
});

describe('an SA that is not ours', () => {
  it('is listed under its own name, with how its peers prove who they are', async () => {
    const { local, remote } = bed.ends;
    await bed.peerAccepts();
    const vici = new ViciClient({ path: bed.daemons.charon.socket });
    try {
      await vici.request('load-shared', { id: 'theirs', type: 'IKE', data: testPsk, owners: [local] });
      const net = { mode: 'transport', esp_proposals: ['aes256gcm16'], remote_ts: [`${local}/32`] };
      const theirs = {
        version: '2',
        local_addrs: [remote],
        remote_addrs: [local],
        proposals: ['aes256-sha384-ecp384'],
        local: { auth: 'psk', id: remote },
        remote: { auth: 'psk', id: local },
        children: { net },
      };
      await vici.request('load-conn', { theirs });
      await vici.request('initiate', { child: 'net', timeout: '10000' });
      const sas = await bed.datapath.securityAssociations();
      expect(sas.find(isEstablished)).toMatchObject({ foreignName: 'theirs', authentication: 'psk' });
      expect(sas.find(isInstalled)).toMatchObject({ foreignName: 'net' });
      await vici.request('terminate', { ike: 'theirs' });
      await vici.request('unload-conn', { name: 'theirs' });
      await vici.request('unload-shared', { id: 'theirs' });
    } finally {
      vici.close();
    }
  });
});
