import { describe, expect, it } from 'vitest';
import { parseIdentity } from './identity.ts';
import { unprovableIdentities } from './provable-identity.ts';
import { type PublicCertificate, readCertificate } from './public-certificate.ts';
import { issueAuthority, issueHost } from './testing/certificates.ts';

const issuer = issueAuthority('/O=Lighthouses/CN=Root');
const keeper = read({
  subject: '/C=CH/O=Lighthouses/CN=keeper',
  alternatives: ['DNS:Keeper.example', 'email:keeper@example.org', 'IP:10.9.0.2', 'IP:fd00:9::2'],
});

function read(names: {
  readonly subject: string;
  readonly alternatives?: readonly string[];
}): PublicCertificate {
  const content = readCertificate(issueHost({ ...names, issuer }).certificate);
  if (content === undefined) throw new Error('not a certificate');
  return content;
}

function problemsOf(side: 'local_identity' | 'remote_identity', text: string) {
  const parsed = parseIdentity(text, side, side === 'remote_identity');
  if (parsed.kind === 'invalid') throw new Error(`${text} is no identity`);
  const policy =
    side === 'local_identity' ? { localIdentity: parsed.value } : { remoteIdentity: parsed.value };
  return unprovableIdentities(policy, keeper).map(({ code, target, message }) => ({ code, target, message }));
}

describe('our identity', () => {
  it.each([
    'C=CH, O=Lighthouses, CN=keeper',
    '/C=CH/O=lighthouses/CN=KEEPER',
    'keeper.EXAMPLE',
    '@keeper.example',
    'keeper@example.org',
    '10.9.0.2',
    'fd00:9:0::2',
    `keyid:#${keeper.subjectKeyIdentifier?.replaceAll(':', '')}`,
  ])('may be %s, which the certificate says', (text) => {
    expect(problemsOf('local_identity', text)).toEqual([]);
  });

  it.each([
    'CN=keeper, O=Lighthouses, C=CH',
    'O=Lighthouses, CN=keeper',
    'keeper',
    'other.example',
    'other@example.org',
    '10.9.0.3',
    'keyid:#0102',
  ])('may not be %s, which it does not', (text) => {
    expect(problemsOf('local_identity', text)).toEqual([
      {
        code: '262197',
        target: 'local_identity',
        message: expect.stringMatching(
          /does not say .*Send "C=CH, O=Lighthouses, CN=keeper" or "Keeper\.example" or/,
        ),
      },
    ]);
  });

  it('must be given where the certificate has no subject', () => {
    const nameless = read({ subject: '/', alternatives: ['DNS:nameless.example'] });
    expect(unprovableIdentities({}, nameless)).toMatchObject([
      { target: 'local_identity', message: expect.stringContaining('Send "nameless.example"') },
    ]);
    expect(unprovableIdentities({}, keeper)).toEqual([]);
  });
});

describe("the remote's identity", () => {
  it.each(['ANYTHING', 'C=*, O=Lighthouses, CN=*', '*.example', '*@example.org', 'CN=host', '10.9.0.9'])(
    'may be %s',
    (text) => {
      expect(problemsOf('remote_identity', text)).toEqual([]);
    },
  );

  it.each([
    ['C=CH, CN=*.example', /within a value.*CN=\* for any/],
    ['/O=Light*/CN=keeper', /within a value.*O=\* for any/],
    ['keeper.*.example', /elsewhere than at its start.*\*\.example\.com/],
  ])('may not be %s, which is not what it looks like', (text, message) => {
    expect(problemsOf('remote_identity', text)).toMatchObject([
      { code: '262197', target: 'remote_identity', message: expect.stringMatching(message) },
    ]);
  });
});
