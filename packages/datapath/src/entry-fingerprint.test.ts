import {
  type Authentication,
  type Certificate,
  type IpsecPolicy,
  type PolicyUuid,
  type PublicCertificate,
  parsePrefix,
  priorityOf,
  type RevocationList,
  Secret,
  type SpdEntry,
} from '@esplanade/domain';
import { describe, expect, it } from 'vitest';
import { entryFingerprint } from './entry-fingerprint.ts';

const settings = { replayWindow: 0 };

function prefix(text: string) {
  const parsed = parsePrefix(text);
  if (parsed === undefined) throw new Error(`${text} is no prefix`);
  return parsed;
}

const base: IpsecPolicy = {
  uuid: '5b1e8f6a-0000-4000-8000-000000000001' as PolicyUuid,
  name: 'nfs',
  scope: { kind: 'cluster' },
  ipspace: { uuid: 'i', name: 'Default' },
  enabled: true,
  action: 'esp_transport',
  selector: {
    family: 'ipv4',
    local: prefix('10.0.0.1/32'),
    remote: prefix('10.0.0.0/24'),
    protocol: 6,
    localPort: 0,
    remotePort: 2049,
  },
  authentication: { kind: 'psk', psk: new Secret(new Uint8Array(20), 'k1') },
  cipherSuite: 'suiteb_gcm256',
  lifetimes: { ikeSeconds: 86400, ipsecSeconds: 28800, ipsecBytes: 0 },
  createdRevision: 1,
};

const psk = new Secret(new Uint8Array(20), 'k1');

function pki(uuid: string): Authentication {
  return { kind: 'pki', certificate: { uuid, name: 'host' }, keepsSas: false };
}

function withPostquantum(identity: string, key: string): Authentication {
  return { kind: 'psk', psk, postquantumKey: { identity, key: new Secret(new Uint8Array(20), key) } };
}

function fingerprint(change: Partial<IpsecPolicy> = {}, window = settings): string {
  const policy = { ...base, ...change };
  const entry: SpdEntry = { policy, priority: priorityOf(policy.selector) };
  return entryFingerprint(entry, window);
}

/** As much of a certificate as a fingerprint looks at. */
function issued(sha256: string): PublicCertificate {
  return { ...anyCertificate, sha256 };
}

const anyCertificate: PublicCertificate = {
  version: 3,
  notBeforeMs: 0,
  notAfterMs: 0,
  subject: [],
  publicKeyIdentifier: '',
  subjectAlternatives: { dns: [], email: [], ip: [], uri: [] },
  pem: '',
  sha256: '',
  issuer: '',
  serialNumber: '',
  isCa: false,
  isSelfSigned: false,
};

function certified(given: {
  readonly shown?: PublicCertificate;
  readonly chain?: readonly PublicCertificate[];
  readonly anchors?: readonly PublicCertificate[];
  readonly lists?: readonly string[];
}): string {
  const { shown = issued('a'.repeat(64)), chain = [], anchors = [], lists = [] } = given;
  const policy = { ...base, authentication: pki('c1') };
  const certificate: Certificate = {
    uuid: 'c1',
    name: 'host',
    scope: { kind: 'cluster' },
    type: 'server',
    content: shown,
    intermediates: chain,
  };
  const revocationLists = lists.map((sha256) => ({ ...anyList, sha256 }));
  const trust = { anchors, revocationLists, revocation: 'relaxed' } as const;
  const entry = { policy, priority: priorityOf(policy.selector), credentials: { certificate, trust } };
  return entryFingerprint(entry, settings);
}

const anyList: RevocationList = {
  issuer: '',
  der: new Uint8Array(),
  sha256: '',
  number: 1n,
  thisUpdateMs: 0,
  nextUpdateMs: 0,
  revoked: new Set(),
};

describe('entryFingerprint', () => {
  it.each<[string, Partial<IpsecPolicy>]>([
    ['action', { action: 'esp_udp' }],
    ['selector', { selector: { ...base.selector, remotePort: 445 } }],
    ['local identity', { localIdentity: { kind: 'text', text: 'a' } }],
    ['remote identity', { remoteIdentity: { kind: 'text', text: 'a' } }],
    ['wildcard identity', { remoteIdentity: { kind: 'any' } }],
    ['key', { authentication: { kind: 'psk', psk: new Secret(new Uint8Array(20), 'k2') } }],
    ['authentication', { authentication: { kind: 'none' } }],
    ['certificate', { authentication: pki('c1') }],
    ['post-quantum key', { authentication: withPostquantum('quantum', 'q1') }],
    ['cipher suite', { cipherSuite: 'suite_aescbc' }],
    ['IKE lifetime', { lifetimes: { ...base.lifetimes, ikeSeconds: 3600 } }],
    ['IPsec lifetime', { lifetimes: { ...base.lifetimes, ipsecSeconds: 3600 } }],
    ['IPsec byte limit', { lifetimes: { ...base.lifetimes, ipsecBytes: 1_000_000 } }],
  ])('changes with the %s', (_name, change) => {
    expect(fingerprint(change)).not.toBe(fingerprint());
  });

  it('changes with the replay window, and with nothing else the same', () => {
    const [former, now] = [fingerprint(), fingerprint({}, { replayWindow: 64 })];
    expect(now).toBe(former.replace('-w0-', '-w64-'));
    expect(now).not.toBe(former);
  });

  it('tells an identity called any from the wildcard', () => {
    expect(fingerprint({ remoteIdentity: { kind: 'any' } })).not.toBe(
      fingerprint({ remoteIdentity: { kind: 'text', text: 'any' } }),
    );
  });

  it.each<[string, Partial<IpsecPolicy>]>([
    ['name', { name: 'other' }],
    ['host bits of a prefix', { selector: { ...base.selector, remote: prefix('10.0.0.77/24') } }],
    ['creation revision', { createdRevision: 9 }],
    [
      'bytes behind an equal key fingerprint',
      { authentication: { kind: 'psk', psk: new Secret(new Uint8Array(3), 'k1') } },
    ],
  ])('does not change with the %s', (_name, change) => {
    expect(fingerprint(change)).toBe(fingerprint());
  });

  it.each(['bypass', 'discard'] as const)('ignores what a %s does not use', (action) => {
    expect(
      fingerprint(
        { action, cipherSuite: 'suite_aescbc', authentication: { kind: 'none' } },
        { replayWindow: 64 },
      ),
    ).toBe(fingerprint({ action }));
  });

  it('tells certificates apart, and post-quantum keys by identity and key', () => {
    const all = [pki('c1'), pki('c2'), withPostquantum('a', 'q1'), withPostquantum('b', 'q1')];
    const texts = [...all, withPostquantum('a', 'q2')].map((authentication) =>
      fingerprint({ authentication }),
    );
    expect(new Set(texts).size).toBe(5);
  });

  it('says by which certificates, and whose, and of revocation lists only that they are others', () => {
    const believed = Array.from({ length: 17 }, (_, n) => issued(`${n}`.padStart(2, '0').repeat(32)));
    const all = [
      certified({}),
      certified({ shown: issued('b'.repeat(64)) }),
      certified({ chain: [issued('c'.repeat(64))] }),
      certified({ anchors: believed.slice(3, 5) }),
      certified({ anchors: believed }),
      certified({ lists: ['d'.repeat(64)] }),
    ];
    expect(new Set(all).size).toBe(6);
    expect(new Set(all.map((text) => text.slice(0, 12))).size).toBe(1);
    expect(all[0]).toMatch(/^[0-9a-f]{12}-w0-c[0-9a-f]{12}-t$/);
    expect(all[3]).toBe(`${all[0]}03030303.04040404`);
    expect(all[4]).toMatch(/-t[0-9a-f]{12}$/);
    expect(all[5]).toMatch(/-t-[0-9a-f]{12}$/);
  });

  it('tells the key that stays from the one that goes', () => {
    const [k1, k2] = ['k1', 'k2'].map((name) => new Secret(new Uint8Array(20), name));
    if (k1 === undefined || k2 === undefined) throw new Error('there are two keys');
    const from = (psk: Secret, replaced: Secret) =>
      fingerprint({ authentication: { kind: 'psk', psk, replaced: [{ psk: replaced, untilMs: 1 }] } });
    const all = [from(k1, k2), from(k2, k1), fingerprint()];
    expect(new Set(all).size).toBe(3);
    expect(new Set(all.map((text) => text.slice(0, 12))).size).toBe(1);
  });

  it('is the form, and a digest of the keys where there are any', () => {
    expect(fingerprint()).toMatch(/^[0-9a-f]{12}-w0-[0-9a-f]{12}$/);
    expect(fingerprint({ action: 'bypass' })).toMatch(/^[0-9a-f]{12}$/);
  });
});
