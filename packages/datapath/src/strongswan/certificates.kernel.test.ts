import {
  type IssuedCertificate,
  issueAuthority,
  issueHost,
  testKeys,
} from '@esplanade/domain/testing/certificates';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { swanctlConf } from '../../../../test/support/peer-connection.ts';
import type { PeerCredentials } from '../../../../test/support/stock-peer.ts';
import { type CertificateChoices, certificateEntry } from './testing/certificate-entries.ts';
import { DriverBesidePeer, isInstalled, nfsPort } from './testing/driver-beside-peer.ts';

let bed: DriverBesidePeer;

beforeAll(async () => {
  bed = await DriverBesidePeer.start();
});
afterAll(() => bed?.stop());
afterEach(() => bed.clear());

const dayMs = 86_400_000;
const root = issueAuthority('/O=Lighthouses/CN=Root');
const branch = issueAuthority('/O=Lighthouses/CN=Branch', { issuer: root });
const stranger = issueAuthority('/O=Reefs/CN=Root');
const ours = issueHost({
  subject: '/O=Lighthouses/CN=ours',
  issuer: root,
  alternatives: ['DNS:ours.lab.example'],
});
const peerSubject = '/C=CH/O=Lighthouses/CN=keeper';
const alternatives = ['DNS:keeper.lab.example', 'IP:10.9.0.2'];
const rsa = issueHost({ subject: '/C=CH/O=Lighthouses/CN=rsa', issuer: branch, key: testKeys.rsa(2048) });
const keeper = issueHost({ subject: peerSubject, issuer: root, alternatives });

interface Peer {
  readonly certificate?: IssuedCertificate;
  readonly identity?: string;
  readonly authorities?: Readonly<Record<string, string>>;
  readonly intermediates?: readonly string[];
  readonly expects?: string;
}

async function peerHas({
  certificate = keeper,
  identity,
  authorities,
  intermediates,
  expects,
}: Peer): Promise<void> {
  const { local, remote } = bed.ends;
  const credentials: PeerCredentials = {
    own: { own: certificate },
    authorities: authorities ?? { root: root.certificate },
    ...(intermediates && { intermediates }),
  };
  await bed.peer.load(
    swanctlConf(
      [
        {
          name: 'ours',
          local,
          remote,
          certificate: 'own',
          ...(identity === undefined ? {} : { localIdentity: identity }),
          remoteIdentity: expects ?? '%any',
          children: [bed.child('all')],
        },
      ],
      [],
    ),
    credentials,
  );
}

function policy(choices: Partial<CertificateChoices> = {}) {
  return certificateEntry(1, { shown: ours, believed: [root], ...choices });
}

describe('a policy by certificates comes up', () => {
  it.each<[string, Partial<CertificateChoices>, Peer]>([
    ['ANYTHING', {}, {}],
    ['the exact distinguished name', { theirName: 'C=CH, O=Lighthouses, CN=keeper' }, {}],
    ['a domain name', { theirName: 'keeper.lab.example' }, { identity: 'keeper.lab.example' }],
    ['an address', { theirName: '10.9.0.2' }, { identity: '10.9.0.2' }],
    ['a pattern of domain names', { theirName: '*.lab.example' }, { identity: 'keeper.lab.example' }],
    ['a distinguished name with an asterisk', { theirName: 'C=CH, O=Lighthouses, CN=*' }, {}],
    [
      'an RSA key and a CA between',
      { theirName: 'C=CH, O=Lighthouses, CN=rsa' },
      { certificate: rsa, intermediates: [branch.certificate] },
    ],
    ['a domain name of ours', { ourName: 'ours.lab.example' }, { expects: 'ours.lab.example' }],
  ])('with %s', async (_name, choices, peer) => {
    await peerHas(peer);
    await bed.install(policy(choices));
    expect(await bed.connect(nfsPort)).toBe('answered');
    const sas = await bed.datapath.securityAssociations();
    expect(sas.filter(isInstalled)).toHaveLength(1);
    expect(sas.flatMap((sa) => (sa.kind === 'ike' ? [sa.authentication] : []))).toEqual(['cert']);
  });
});

describe('why there is no SA by certificates', () => {
  const names = { subject: peerSubject, alternatives };
  const expired = issueHost({
    ...names,
    issuer: root,
    notBefore: new Date(Date.now() - 3 * dayMs),
    notAfter: new Date(Date.now() - dayMs),
  });
  const early = issueHost({
    ...names,
    issuer: root,
    notBefore: new Date(Date.now() + dayMs),
    notAfter: new Date(Date.now() + 3 * dayMs),
  });
  const unknown = issueHost({ ...names, issuer: stranger });
  const bothRoots = { root: root.certificate, stranger: stranger.certificate };

  it.each<[string, Peer, Partial<CertificateChoices>, RegExp]>([
    ['has an expired certificate', { certificate: expired }, {}, /remote's certificate has expired/],
    ['has one that is not valid yet', { certificate: early }, {}, /remote's certificate is not valid yet/],
    [
      'has one of an unknown CA',
      { certificate: unknown, authorities: bothRoots },
      {},
      /issued by "O=Reefs, CN=Root", which the policy does not trust/,
    ],
    [
      'has another identity',
      { identity: 'keeper.lab.example' },
      { theirName: '*.elsewhere.example' },
      /another identity than remote_identity|no policy expects/,
    ],
  ])('is said when the peer %s, whoever begins', async (_name, peer, choices, reason) => {
    await peerHas(peer);
    await bed.install(policy(choices));
    expect.soft(await bed.failureOf(1, () => bed.connect(nfsPort, 500))).toMatch(reason);
    expect.soft(await bed.failureOf(1, () => bed.peer.initiate('all').catch(String))).toMatch(reason);
  });

  it('is said when the remote does not trust our CA, whoever begins', async () => {
    await peerHas({ authorities: { stranger: stranger.certificate } });
    await bed.install(policy());
    expect.soft(await bed.failureOf(1, () => bed.connect(nfsPort, 500))).toMatch(/refused our certificate/);
    expect
      .soft(await bed.failureOf(1, () => bed.peer.initiate('all').catch(String)))
      .toMatch(/refused our certificate/);
  });
});
