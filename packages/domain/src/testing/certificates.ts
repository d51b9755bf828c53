import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate that a test made, and its key, both in PEM. */
export interface IssuedCertificate {
  readonly certificate: string;
  /** PKCS #8. */
  readonly key: string;
}

/** What a test asks of a certificate; by default one of an end entity, signed by itself. */
export interface CertificateRequest {
  /** As OpenSSL takes it: `/O=Lighthouses/CN=keeper`. */
  readonly subject: string;
  readonly issuer?: IssuedCertificate;
  readonly isCa?: boolean;
  /** Extensions in OpenSSL's words; `[]` makes a certificate of version 1. */
  readonly extensions?: readonly string[];
  /** Arguments of `openssl genpkey`. */
  readonly key?: readonly string[];
  readonly hash?: string;
  /** Pairs of hex digits; by default random. */
  readonly serialNumber?: string;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/** A certificate signing request that a test made, in PEM, and its key. */
export interface RequestedCertificate {
  readonly request: string;
  /** PKCS #8. */
  readonly key: string;
}

/** Keys that are quick to make. */
export const testKeys = {
  ec: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  rsa: (bits: number) => ['-algorithm', 'RSA', '-pkeyopt', `rsa_keygen_bits:${bits}`],
} as const;

const dayMs = 86_400_000;

/** Has OpenSSL make a key and a signing request for it. */
export function requestCertificate({
  subject,
  extensions = [],
  key = testKeys.ec,
}: Pick<CertificateRequest, 'subject' | 'extensions' | 'key'>): RequestedCertificate {
  const directory = mkdtempSync(join(tmpdir(), 'esplanade-openssl-'));
  const run = (...args: readonly string[]) =>
    execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
  try {
    run('genpkey', ...key, '-out', 'key.pem');
    writeFileSync(join(directory, 'openssl.cnf'), '[req]\ndistinguished_name = none\n[none]\n');
    const added = extensions.flatMap((extension) => ['-addext', extension]);
    run(
      'req',
      '-new',
      '-config',
      'openssl.cnf',
      '-key',
      'key.pem',
      '-subj',
      subject,
      '-out',
      'csr.pem',
      ...added,
    );
    const read = (name: string) => readFileSync(join(directory, name), 'utf8');
    return { request: read('csr.pem'), key: read('key.pem') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Has OpenSSL make a certificate of a CA: a root unless somebody issues it. */
export function issueAuthority(
  subject: string,
  rest: Omit<CertificateRequest, 'subject' | 'isCa' | 'extensions'> = {},
): IssuedCertificate {
  return issueCertificate({
    ...rest,
    subject,
    isCa: true,
    extensions: [
      'basicConstraints=critical,CA:TRUE',
      'keyUsage=critical,keyCertSign,cRLSign',
      'subjectKeyIdentifier=hash',
      ...(rest.issuer === undefined ? [] : ['authorityKeyIdentifier=keyid']),
    ],
  });
}

/** Has OpenSSL make a certificate of a host. `alternatives` are its other names: `DNS:keeper.example`, `IP:10.9.0.2`. */
export function issueHost(
  request: Omit<CertificateRequest, 'isCa' | 'extensions'> & { readonly alternatives?: readonly string[] },
): IssuedCertificate {
  const { alternatives = [], ...rest } = request;
  return issueCertificate({
    ...rest,
    extensions: [
      'basicConstraints=critical,CA:FALSE',
      'keyUsage=critical,digitalSignature',
      'subjectKeyIdentifier=hash',
      'authorityKeyIdentifier=keyid',
      ...(alternatives.length === 0 ? [] : [`subjectAltName=${alternatives.join(',')}`]),
    ],
  });
}

/** Has OpenSSL make a key and a certificate for it. */
export function issueCertificate(request: CertificateRequest): IssuedCertificate {
  const directory = mkdtempSync(join(tmpdir(), 'esplanade-openssl-'));
  const run = (...args: readonly string[]) =>
    execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text);
  try {
    const { subject, issuer, isCa = false, key = testKeys.ec, hash = 'sha256' } = request;
    const extensions = request.extensions ?? [
      `basicConstraints=critical,CA:${isCa ? 'TRUE' : 'FALSE'}`,
      'subjectKeyIdentifier=hash',
      'authorityKeyIdentifier=keyid',
    ];
    run('genpkey', ...key, '-out', 'key.pem');
    write('index.txt', '');
    if (request.serialNumber !== undefined) write('serial', `${request.serialNumber}\n`);
    write('openssl.cnf', configuration(extensions, request.serialNumber !== undefined));
    run('req', '-new', '-config', 'openssl.cnf', '-key', 'key.pem', '-subj', subject, '-out', 'csr.pem');
    if (issuer !== undefined) {
      write('issuer.pem', issuer.certificate);
      write('issuer-key.pem', issuer.key);
    }
    const signer =
      issuer === undefined
        ? ['-selfsign', '-keyfile', 'key.pem']
        : ['-cert', 'issuer.pem', '-keyfile', 'issuer-key.pem'];
    const dates = [
      '-startdate',
      opensslDate(request.notBefore ?? new Date(Date.now() - dayMs)),
      '-enddate',
      opensslDate(request.notAfter ?? new Date(Date.now() + 100 * dayMs)),
    ];
    run(
      ...[
        'ca',
        '-batch',
        '-config',
        'openssl.cnf',
        '-in',
        'csr.pem',
        '-out',
        'certificate.pem',
        '-outdir',
        '.',
      ],
      ...['-notext', '-md', hash],
      ...signer,
      ...dates,
    );
    const read = (name: string) => readFileSync(join(directory, name), 'utf8');
    return { certificate: read('certificate.pem'), key: read('key.pem') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function configuration(extensions: readonly string[], hasSerial: boolean): string {
  return [
    '[req]',
    'distinguished_name = none',
    '[none]',
    '[ca]',
    'default_ca = here',
    '[here]',
    'database = index.txt',
    hasSerial ? 'serial = serial' : 'rand_serial = yes',
    'unique_subject = no',
    'policy = anything',
    'preserve = yes',
    ...(extensions.length === 0 ? [] : ['x509_extensions = extensions']),
    '[anything]',
    ...['countryName', 'organizationName', 'organizationalUnitName', 'commonName'].map(
      (name) => `${name} = optional`,
    ),
    '[extensions]',
    ...extensions,
    '',
  ].join('\n');
}

/** `20261231235959Z` */
function opensslDate(date: Date): string {
  return `${date.toISOString().replaceAll(/[-:T]|\..*$/g, '')}Z`;
}
