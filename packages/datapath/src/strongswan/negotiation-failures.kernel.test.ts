import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DriverBesidePeer, nfsPort } from './testing/driver-beside-peer.ts';
import { entry } from './testing/entries.ts';

let bed: DriverBesidePeer;

beforeAll(async () => {
  bed = await DriverBesidePeer.start();
});
afterAll(() => bed?.stop());
afterEach(() => bed.clear());

describe('why there is no SA', () => {
  const attempt = () => bed.connect(nfsPort, 500);
  const peerHasOtherEspAlgorithms = () =>
    bed.peerAccepts({ children: [{ ...bed.child('all'), espProposals: 'aes128gcm16' }] });

  it.each<[string, () => Promise<void>, RegExp]>([
    ['another key', () => bed.peerAccepts({ psk: 'this is another key' }), /refused our authentication/],
    ['another identity', () => bed.peerAccepts({ localId: 'somebody.else' }), /refused our authentication/],
    [
      'other IKE algorithms',
      () => bed.peerAccepts({ ikeProposals: 'aes128-sha256-ecp256' }),
      /none of our IKE algorithms/,
    ],
    ['other ESP algorithms', peerHasOtherEspAlgorithms, /none of our ESP algorithms/],
    [
      'no policy for the traffic',
      () =>
        bed.peerAccepts({ children: [{ name: 'all', localTs: '10.9.0.99/32', remoteTs: '10.9.0.98/32' }] }),
      /no policy for this traffic/,
    ],
  ])('is said when the peer has %s', async (_name, prepare, reason) => {
    await prepare();
    await bed.install(entry(1));
    expect(await bed.failureOf(1, attempt)).toMatch(reason);
  });

  it('is said when nobody answers', async () => {
    await bed.install(entry(1, { remote: '10.9.0.77' }));
    const send = () =>
      bed.traffic.connect({
        source: bed.network.hosts.ours.ipv4,
        destination: '10.9.0.77',
        port: 9,
        timeoutMilliseconds: 500,
      });
    expect(await bed.failureOf(1, send)).toMatch(/does not answer/);
  });

  it.each<[string, () => Promise<void>, RegExp]>([
    ['another key', () => bed.peerAccepts({ psk: 'this is another key' }), /does not fit our pre-shared key/],
    [
      'another identity',
      () => bed.peerAccepts({ localId: 'somebody.else' }),
      /identities that no policy expects/,
    ],
    ['other ESP algorithms', peerHasOtherEspAlgorithms, /none of the remote's ESP algorithms/],
    [
      'other IKE algorithms',
      () => bed.peerAccepts({ ikeProposals: 'aes128-sha256-ecp256' }),
      /none of the remote's IKE algorithms/,
    ],
  ])('is said when a peer that begins has %s', async (_name, prepare, reason) => {
    await prepare();
    await bed.install(entry(1));
    const initiate = () => bed.peer.initiate('all').catch((error: unknown) => error);
    expect(await bed.failureOf(1, initiate)).toMatch(reason);
  });
});
