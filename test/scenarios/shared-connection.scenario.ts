import { beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import type { SaRecord } from '../support/operator.ts';
import { type PeerConnection, swanctlConf } from '../support/peer-connection.ts';
import type { Testbed } from '../support/testbed.ts';
import { kernelStates } from '../support/xfrm.ts';

const secretKey = 'shared between nfs and smb';
const nfsPort = 2049;
const smbPort = 445;

/** What the peer calls its end of our two policies. */
function children(ours: string, peer: string) {
  const child = (name: string, port: number) => ({
    name,
    localTs: `${peer}/32[tcp/${port}]`,
    remoteTs: `${ours}/32[tcp]`,
  });
  return { nfs: child('nfs', nfsPort), smb: child('smb', smbPort) };
}

function peerConf(ours: string, peer: string, shape: 'one connection' | 'two connections'): string {
  const { nfs, smb } = children(ours, peer);
  const connection = (name: string, ...theirs: PeerConnection['children']): PeerConnection => ({
    name,
    local: peer,
    remote: ours,
    children: theirs,
  });
  const connections =
    shape === 'one connection'
      ? [connection('storage', nfs, smb)]
      : [connection('for-nfs', nfs), connection('for-smb', smb)];
  return swanctlConf(connections, [{ name: 'storage', identities: [ours, peer], key: secretKey }]);
}

/** Policies are children of one connection (decision 3), whichever side begins and however the peer is configured. */
export function sharedConnectionScenario(testbed: () => Testbed): void {
  describe('two policies between the same two hosts', () => {
    let bed: Testbed;
    let nfs: string;
    let smb: string;

    beforeAll(async () => {
      bed = testbed();
      await bed.begin((ours, peer) => peerConf(ours.ipv4, peer.ipv4, 'one connection'));
      for (const port of [nfsPort, smbPort]) await bed.traffic.peer.echo('tcp', bed.peer.ipv4, port);
    });

    const create = async (name: string, remotePort: number): Promise<string> =>
      await bed.operator.create({
        name,
        local: bed.ours.ipv4,
        remote: bed.peer.ipv4,
        protocol: 'tcp',
        remotePort,
        secretKey,
      });
    const connect = async (port: number) =>
      await bed.traffic.ours.connect({ source: bed.ours.ipv4, destination: bed.peer.ipv4, port });
    /** The counters of an SA, as the API has them and as the kernel has. */
    const counters = async (sa: SaRecord) => {
      const states = new Map((await kernelStates(bed.ours)).map((state) => [state.spi, state]));
      return [sa.ipsec?.inbound, sa.ipsec?.outbound].map((direction) => {
        const state = states.get(direction?.security_parameter_index ?? '');
        return {
          api: { packets: direction?.packets, bytes: direction?.bytes },
          kernel: { packets: Number(state?.packets), bytes: Number(state?.bytes) },
        };
      });
    };
    /** Ends what is up, so that the next case starts from nothing. */
    const takeDown = async (): Promise<void> => {
      await bed.operator.setIpsec(false);
      await bed.untilNoSas();
      await bed.operator.setIpsec(true);
    };

    it('reach INSTALLED on one IKE SA when we start them', async () => {
      nfs = await create('nfs', nfsPort);
      smb = await create('smb', smbPort);
      expect(await connect(nfsPort)).toBe('answered');
      expect(await connect(smbPort)).toBe('answered');
      await bed.operator.untilInstalled('nfs');
      await bed.operator.untilInstalled('smb');
      const { records } = await bed.operator.sas();
      expect(records.filter((sa) => sa.type === 'ike')).toHaveLength(1);
      expect(records.filter((sa) => sa.type === 'ike')[0]).toMatchObject({
        policy_name: 'nfs',
        ike: { state: 'established', is_initiator: true },
      });
    });

    it('do not touch each other: deleting one leaves SPIs and counters of the other as they were', async () => {
      const before = await eventually('all packets of nfs are counted', async () => {
        const sa = await bed.operator.untilInstalled('nfs');
        const directions = await counters(sa);
        const areTold = directions.every(
          ({ api, kernel }) => api.bytes === kernel.bytes && kernel.packets > 0,
        );
        return areTold ? sa : undefined;
      });
      const doomed = await bed.operator.untilInstalled('smb');
      const kernelBefore = await kernelStates(bed.ours);
      await bed.operator.delete(smb);
      await eventually('the SAs of the deleted policy are gone', async () => {
        return (await bed.operator.sas()).records.every((sa) => sa.uuid !== doomed.uuid);
      });
      const after = await bed.operator.untilInstalled('nfs');
      expect(after.uuid).toBe(before.uuid);
      expect(after.ipsec).toEqual(before.ipsec);
      const gone = [doomed.ipsec?.inbound, doomed.ipsec?.outbound].map(
        (one) => one?.security_parameter_index,
      );
      expect(gone).not.toContain(undefined);
      const left = kernelBefore.filter((state) => !gone.includes(state.spi));
      expect(await kernelStates(bed.ours)).toEqual(left);
      for (const { api, kernel } of await counters(after)) expect(api).toEqual(kernel);
      console.info(
        `shared connection: smb deleted, nfs kept SPIs ${left.map((state) => state.spi).join(' and ')} at ${left.map((state) => state.packets).join(' and ')} packets`,
      );
    });

    it('reach INSTALLED when the peer starts them from one connection', async () => {
      await takeDown();
      smb = await create('smb', smbPort);
      await bed.stock.initiate('nfs');
      await bed.stock.initiate('smb');
      await bed.operator.untilInstalled('nfs');
      await bed.operator.untilInstalled('smb');
      expect(await connect(nfsPort)).toBe('answered');
      expect(await connect(smbPort)).toBe('answered');
      expect((await bed.operator.sas()).records.filter((sa) => sa.type === 'ike')).toHaveLength(1);
    });

    it('reach INSTALLED when the peer starts them from two connections', async () => {
      await takeDown();
      await bed.stock.load(peerConf(bed.ours.ipv4, bed.peer.ipv4, 'two connections'));
      await bed.stock.initiate('nfs');
      await bed.stock.initiate('smb');
      await bed.operator.untilInstalled('nfs');
      await bed.operator.untilInstalled('smb');
      expect(await connect(nfsPort)).toBe('answered');
      expect(await connect(smbPort)).toBe('answered');
    });

    it('say why, when we start them and the peer has a connection for each', async () => {
      await takeDown();
      // The peer picks its first connection by address and identity; the other one's child is not in it.
      expect(await connect(nfsPort)).toBe('answered');
      expect(await connect(smbPort)).toBe('timeout');
      const status = await bed.operator.until(smb, ({ last_failure }) => last_failure !== undefined);
      expect(status).toMatchObject({
        state: 'applied',
        last_failure: expect.stringContaining('no policy for this traffic'),
      });
      // It is the peer's configuration: mended there, and the IKE SA that was made by the old one ended, it comes up.
      await bed.stock.load(peerConf(bed.ours.ipv4, bed.peer.ipv4, 'one connection'));
      await bed.stock.swanctl('--terminate', '--ike', 'for-nfs');
      await eventually('smb gets through', async () => (await connect(smbPort)) === 'answered');
      await bed.operator.until(smb, ({ last_failure }) => last_failure === undefined);
      expect((await bed.operator.status(nfs)).last_failure).toBeUndefined();
    });
  });
}
