import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import {
  type CertificateType,
  certificateTypes,
  checkCertificate,
  checkInstallation,
  checkRevocationList,
  type Parsed,
  parseRevocationList,
  pemBlocks,
  readCheckedRevocationList,
  valueIfValid,
} from '@esplanade/domain';
import {
  type IssuedCertificate,
  issueAuthority,
  issueHost,
  requestCertificate,
  testKeys,
} from '@esplanade/domain/testing/certificates';
import { derOfPem, issueRevocationList } from '@esplanade/domain/testing/revocation-lists';
import { mutatedDer } from '../guided/der-mutations.ts';
import type { FuzzTarget } from '../guided/fuzz-target.ts';

/** A revocation list may be 64 KiB, PEM of any kind as much as a body. */
const mostBytes = 65_536;
const derWords = [
  '3080',
  '30840fffffff',
  '0500',
  '0201ff',
  '170d3236313132313030303030305a',
  '180f39393939313233313233353935395a',
  '0603551d11',
  'a003020102',
  '1e0200d8',
  '3000',
].map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));
const pemWords = [
  '-----BEGIN CERTIFICATE-----\n',
  '-----END CERTIFICATE-----\n',
  '-----BEGIN PKCS7-----\n',
  '-----BEGIN EC PRIVATE KEY-----\n',
  '-----END ',
  '-----',
  'Proc-Type: 4,ENCRYPTED\n',
  '\r',
  '\u2028',
  '=',
].map((text) => Buffer.from(text));

/** What OpenSSL makes afresh for each run: the repository holds no keys, and dates pass. */
export interface Credentials {
  readonly root: IssuedCertificate;
  readonly host: IssuedCertificate;
  readonly rsaHost: IssuedCertificate;
  /** With many names: what a byte costs is measured by it. */
  readonly manifold: IssuedCertificate;
  readonly lists: readonly string[];
  readonly requests: readonly string[];
}

/** Makes what the targets' good inputs are. */
export function makeCredentials(): Credentials {
  const root = issueAuthority('/O=Lighthouses/CN=root of the fuzzed');
  const alternatives = [
    'DNS:keeper.example',
    'IP:10.9.0.2',
    'IP:fd00:9::2',
    'email:k@example.org',
    'URI:https://example.org/x',
  ];
  const list = (number: number, revoked: readonly string[]) =>
    issueRevocationList({ issuer: root, number, revoked });
  return {
    root,
    host: issueHost({ subject: '/C=CH/O=Lighthouses/CN=keeper', issuer: root, alternatives }),
    manifold: issueHost({
      subject: '/CN=manifold',
      issuer: root,
      alternatives: Array.from({ length: 100 }, (_, index) => `DNS:host-${index}.lighthouses.example`),
    }),
    rsaHost: issueHost({ subject: '/CN=rsa', issuer: root, key: testKeys.rsa(2048) }),
    lists: [
      // As long as a list may be: what a byte costs is measured by it.
      list(
        3,
        Array.from({ length: 1_200 }, (_, index) => (0x1000 + index).toString(16).toUpperCase()),
      ),
      list(1, []),
      list(2, ['01', '02AB', 'FF00FF00FF']),
      issueRevocationList({ issuer: root }),
    ],
    requests: [
      requestCertificate({
        subject: '/CN=asked',
        extensions: ['subjectAltName=DNS:asked.example'],
        key: testKeys.ec,
      }).request,
      requestCertificate({ subject: '/CN=asked/O=x', extensions: [], key: testKeys.rsa(2048) }).request,
    ],
  };
}

/** Certificates, keys and revocation lists, within their PEM and without. */
export function pkiTargets({ root, host, rsaHost, manifold, lists }: Credentials): readonly FuzzTarget[] {
  const nowMs = Date.now();
  const context = { nowMs, fingerprint: (bytes: Uint8Array) => String(bytes.length) };
  const ca = valueIfValid(
    checkCertificate(root.certificate, { what: 'The CA', target: 'x', nowMs, isNamed: true }),
  );
  if (ca === undefined) throw new Error('the CA of the fuzzer is no good');
  const install = (
    type: CertificateType,
    publicCertificate: string,
    privateKey: string,
    intermediates: readonly string[] = [],
  ) => wordOf(checkInstallation({ type, publicCertificate, privateKey, intermediates }, context));
  const installAs = (text: string, key: string): string =>
    certificateTypes
      .map((type) => install(type, text, key, type === 'server' ? [text, root.certificate] : []))
      .join('/');
  const der = (
    name: string,
    seeds: readonly Uint8Array[],
    run: (input: Uint8Array) => string,
  ): FuzzTarget => ({
    name,
    seeds,
    words: derWords,
    mostBytes,
    mutate: mutatedDer,
    run,
  });
  const keys = [host.key, rsaHost.key, ...otherKeys()];
  return [
    der(
      'certificate',
      [root, host, rsaHost, manifold].map(({ certificate }) => derOfPem(certificate)),
      (input) => installAs(pemOf('CERTIFICATE', input), host.key),
    ),
    der('private-key', keys.map(derOfPem), (input) =>
      ['PRIVATE KEY', 'EC PRIVATE KEY', 'RSA PRIVATE KEY', 'ENCRYPTED PRIVATE KEY']
        .map((label) => install('server', host.certificate, pemOf(label, input)))
        .join('/'),
    ),
    der('revocation-list', lists.map(derOfPem), (input) => {
      readCheckedRevocationList(input);
      return wordOf(checkRevocationList(input, { ca, nowMs }));
    }),
    {
      name: 'pem',
      seeds: [
        host.certificate,
        `${host.certificate}${root.certificate}`,
        `${host.key}${host.certificate}`,
        ...lists,
        `notes\n${root.certificate}more`,
        pemOf('PKCS7', derOfPem(root.certificate)),
        pemOf('TRUSTED CERTIFICATE', derOfPem(root.certificate)),
        derOfPem(lists[0] ?? '').toString(),
        pemOf('CERTIFICATE', new Uint8Array(40_000)),
        // Longest, and most lines: what a byte costs is measured by it.
        'x\n'.repeat(32_700),
      ].map((text) => Buffer.from(text)),
      words: pemWords,
      mostBytes,
      run: (input) => {
        const text = Buffer.from(input).toString();
        pemBlocks(text);
        return `${install('server', text, text, [text])}/${wordOf(parseRevocationList(text, { ca, nowMs }))}`;
      },
    },
  ];
}

function otherKeys(): readonly string[] {
  const pem = { type: 'pkcs8', format: 'pem' } as const;
  return [
    generateKeyPairSync('ed25519').privateKey.export(pem),
    generateKeyPairSync('x25519').privateKey.export(pem),
    generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey.export({ type: 'sec1', format: 'pem' }),
    createPrivateKey(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export(pem)).export({
      type: 'pkcs1',
      format: 'pem',
    }),
  ].map(String);
}

/** DER as PEM (RFC 7468). */
export function pemOf(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.map((line) => `${line}\n`).join('')}-----END ${label}-----\n`;
}

function wordOf(parsed: Parsed<unknown>): string {
  if (parsed.kind === 'invalid' && parsed.problems.length === 0) throw new Error('invalid without a problem');
  return parsed.kind;
}
