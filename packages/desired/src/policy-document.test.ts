import {
  acceptedKeys,
  cipherSuites,
  formatPrefix,
  type IpsecPolicy,
  type PolicyUuid,
  type Prefix,
  policyActions,
} from '@esplanade/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type References, readPolicy, writePolicy } from './policy-document.ts';
import { SecretBox } from './secret-box.ts';

const box = new SecretBox([{ id: '00000001', key: new Uint8Array(32).fill(1) }]);
const name = fc.string({ unit: 'binary', minLength: 1 });
const reference = fc.record({ uuid: fc.uuid(), name });
const identity = fc.oneof(
  fc.constant({ kind: 'any' } as const),
  name.map((text) => ({ kind: 'text', text }) as const),
);

function prefixes(family: 'ipv4' | 'ipv6'): fc.Arbitrary<Prefix> {
  const bits = family === 'ipv4' ? 32 : 128;
  return fc.record({
    family: fc.constant(family),
    address: fc.bigInt(0n, (1n << BigInt(bits)) - 1n),
    length: fc.integer({ min: 0, max: bits }),
  });
}

const selector = fc.constantFrom('ipv4' as const, 'ipv6' as const).chain((family) =>
  fc.record({
    family: fc.constant(family),
    local: prefixes(family),
    remote: prefixes(family),
    protocol: fc.integer({ min: 0, max: 255 }),
    localPort: fc.integer({ min: 0, max: 65_535 }),
    remotePort: fc.integer({ min: 0, max: 65_535 }),
  }),
);

const psk = fc.uint8Array({ minLength: 1, maxLength: 128 }).map((key) => box.secret(key));

const policy: fc.Arbitrary<IpsecPolicy> = fc.record(
  {
    uuid: fc.uuid().map((uuid) => uuid as PolicyUuid),
    name,
    scope: fc.oneof(
      fc.constant({ kind: 'cluster' } as const),
      reference.map((svm) => ({ kind: 'svm', svm }) as const),
    ),
    ipspace: reference,
    enabled: fc.boolean(),
    action: fc.constantFrom(...policyActions),
    selector,
    authentication: fc.oneof(
      fc.constant({ kind: 'none' } as const),
      psk.map((own) => ({ kind: 'psk', psk: own }) as const),
      fc
        .record({ psk, postquantumKey: fc.record({ identity: name, key: psk }) })
        .map((keys) => ({ kind: 'psk', ...keys }) as const),
      fc
        .record({ certificate: reference, keepsSas: fc.boolean() })
        .map((own) => ({ kind: 'pki', ...own }) as const),
      fc
        .record({
          psk,
          replaced: fc.array(fc.record({ psk, untilMs: fc.maxSafeNat() }), { minLength: 1, maxLength: 8 }),
        })
        .map((keys) => ({ kind: 'psk', ...keys }) as const),
    ),
    localIdentity: identity,
    remoteIdentity: identity,
    cipherSuite: fc.constantFrom(...cipherSuites),
    lifetimes: fc.record({
      ikeSeconds: fc.maxSafeNat(),
      ipsecSeconds: fc.maxSafeNat(),
      ipsecBytes: fc.maxSafeNat(),
    }),
    createdRevision: fc.nat(),
  },
  {
    requiredKeys: [
      'uuid',
      'name',
      'scope',
      'ipspace',
      'enabled',
      'action',
      'selector',
      'authentication',
      'cipherSuite',
      'lifetimes',
      'createdRevision',
    ],
  },
);

describe('the stored form of a policy', () => {
  it('is read back as it was written, key and host bits included', () => {
    fc.assert(
      fc.property(policy, (written) => {
        const references: References = {
          ipspace: (uuid) => ({ uuid, name: written.ipspace.name }),
          svm: (uuid) => ({ uuid, name: written.scope.kind === 'svm' ? written.scope.svm.name : '' }),
          certificate: (uuid) => ({
            uuid,
            name: written.authentication.kind === 'pki' ? written.authentication.certificate.name : '',
          }),
        };
        const read = readPolicy(
          written.uuid,
          writePolicy(written, box),
          written.createdRevision,
          references,
          box,
        );
        expect(visible(read)).toEqual(visible(written));
      }),
    );
  });

  it('is read where it was written before there were certificates and post-quantum keys', () => {
    const uuid = '0f5f4f5e-0000-4000-8000-000000000001' as PolicyUuid;
    const key = new TextEncoder().encode('a key of at least eighteen characters');
    const former = {
      ...{ name: 'nfs', svm: 's', ipspace: 'i', enabled: true, action: 'esp_transport' },
      ...{ local: '192.0.2.1/32', localPort: 0, remote: '192.0.2.2/32', remotePort: 2049, protocol: 6 },
      psk: box.seal(key, `policies/${uuid} psk`),
      replaced: [{ psk: box.seal(key, `policies/${uuid} replaced`), untilMs: 1_700_000_000_000 }],
      ...{ cipherSuite: 'suiteb_gcm256', ikeSeconds: 86_400, ipsecSeconds: 28_800, ipsecBytes: 0 },
    };
    const named = (name: string) => ({ uuid: name, name });
    const references: References = { ipspace: named, svm: named, certificate: named };
    const read = readPolicy(uuid, JSON.stringify(former), 1, references, box);
    expect(visible(read).authentication).toEqual({
      keys: [key, key].map((one) => [[...one], box.fingerprint(one)]),
      endsMs: [1_700_000_000_000],
      identity: undefined,
    });
  });

  it('opens a key only under the uuid it was sealed for', () => {
    const references: References = {
      ipspace: (uuid) => ({ uuid, name: '' }),
      svm: (uuid) => ({ uuid, name: '' }),
      certificate: (uuid) => ({ uuid, name: '' }),
    };
    const withKey = policy.filter(({ authentication }) => authentication.kind === 'psk');
    fc.assert(
      fc.property(withKey, fc.uuid(), (written, other) => {
        const text = writePolicy(written, box);
        expect(() => readPolicy(other as PolicyUuid, text, 1, references, box)).toThrow(/its own/);
      }),
      { numRuns: 20 },
    );
  });
});

/** Secrets compare by their bytes: Secret shows nothing of them. */
function visible(value: IpsecPolicy) {
  const { authentication } = value;
  const postquantumKey = authentication.kind === 'psk' ? authentication.postquantumKey : undefined;
  const secrets = [...acceptedKeys(authentication), ...(postquantumKey ? [postquantumKey.key] : [])];
  const keys = secrets.map((key) => [[...key.reveal()], key.fingerprint]);
  const endsMs = authentication.kind === 'psk' && authentication.replaced?.map(({ untilMs }) => untilMs);
  const { local, remote } = value.selector;
  return {
    ...value,
    authentication: {
      keys,
      endsMs,
      identity: postquantumKey?.identity,
      ...(authentication.kind === 'pki' && authentication),
    },
    text: [formatPrefix(local), formatPrefix(remote)],
  };
}
