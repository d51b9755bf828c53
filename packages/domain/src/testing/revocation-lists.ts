import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IssuedCertificate } from './certificates.ts';

/** What a test asks of a certificate revocation list. */
export interface RevocationListRequest {
  readonly issuer: IssuedCertificate;
  /** Without one: version 1, or what `extensions` say. */
  readonly number?: number;
  /** Serial numbers in upper-case hex. */
  readonly revoked?: readonly string[];
  /** By default an hour ago, and in a day. */
  readonly thisUpdate?: Date;
  readonly nextUpdate?: Date;
  /** In OpenSSL's words, beside the number. */
  readonly extensions?: readonly string[];
  readonly hash?: string;
}

const hourMs = 3_600_000;

/** Has OpenSSL sign a certificate revocation list; in PEM. */
export function issueRevocationList(request: RevocationListRequest): string {
  const directory = mkdtempSync(join(tmpdir(), 'esplanade-openssl-'));
  const run = (...args: readonly string[]) =>
    execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text);
  const { issuer, number, revoked = [], extensions = [], hash = 'sha256' } = request;
  try {
    const lines = revoked.map(
      (serial) => `R\t301231235959Z\t${shortDate(new Date(Date.now() - hourMs))}\t${serial}\tunknown\t/CN=x`,
    );
    write('index.txt', lines.map((line) => `${line}\n`).join(''));
    write('issuer.pem', issuer.certificate);
    write('issuer-key.pem', issuer.key);
    if (number !== undefined) write('number', `${evenHex(number)}\n`);
    write(
      'openssl.cnf',
      [
        '[ca]',
        'default_ca = here',
        '[here]',
        'database = index.txt',
        ...(number === undefined ? [] : ['crlnumber = number']),
        ...(number === undefined && extensions.length === 0 ? [] : ['crl_extensions = extensions']),
        '[extensions]',
        ...(extensions.length === 0 ? ['authorityKeyIdentifier = keyid'] : extensions),
        '',
      ].join('\n'),
    );
    const dates = [
      '-crl_lastupdate',
      longDate(request.thisUpdate ?? new Date(Date.now() - hourMs)),
      '-crl_nextupdate',
      longDate(request.nextUpdate ?? new Date(Date.now() + 24 * hourMs)),
    ];
    const keys = ['-cert', 'issuer.pem', '-keyfile', 'issuer-key.pem', '-md', hash];
    run('ca', '-gencrl', '-batch', '-config', 'openssl.cnf', '-out', 'list.pem', ...keys, ...dates);
    return readFileSync(join(directory, 'list.pem'), 'utf8');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The same in DER. */
export function derOfPem(pem: string): Uint8Array {
  return new Uint8Array(Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64'));
}

function evenHex(number: number): string {
  const hex = number.toString(16).toUpperCase();
  return hex.length % 2 === 0 ? hex : `0${hex}`;
}

function longDate(date: Date): string {
  return `${date.toISOString().replaceAll(/[-:T]|\..*$/g, '')}Z`;
}

function shortDate(date: Date): string {
  return longDate(date).slice(2);
}
