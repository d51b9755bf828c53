import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueCertificate } from '@esplanade/domain/testing/certificates';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitStatus } from '../exit-status.ts';
import { readClientCertificate } from './client-certificate.ts';

let directory: string;
const file = (name: string) => join(directory, name);
const read = (certificate: string, privateKey: string) =>
  readClientCertificate({ certificate: file(certificate), privateKey: file(privateKey) }, exitStatus.misused);

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'esplanade-client-'));
  const { certificate, key } = issueCertificate({ subject: '/CN=keeper' });
  const encrypt = ['pkey', '-aes256', '-passout', 'pass:a passphrase'];
  const contents = {
    'keeper.pem': certificate,
    'keeper.key': key,
    'encrypted.key': execFileSync('openssl', encrypt, { input: key, encoding: 'utf8' }),
    'other.key': issueCertificate({ subject: '/CN=other' }).key,
    junk: 'junk',
  };
  for (const [name, text] of Object.entries(contents)) writeFileSync(file(name), text);
});

afterAll(() => rmSync(directory, { recursive: true }));

describe('the files of a client certificate', () => {
  it('are read', () => {
    expect(read('keeper.pem', 'keeper.key').certificate).toContain('BEGIN CERTIFICATE');
  });

  it.each([
    ['keeper.pem', 'other.key', /keeper\.pem and .*other\.key do not belong together\.$/],
    ['junk', 'keeper.key', /junk holds no certificate in PEM\.$/],
    ['keeper.pem', 'junk', /junk holds no private key in PEM\.$/],
    ['keeper.pem', 'encrypted.key', /encrypted\.key is encrypted.*openssl pkey -in/],
    ['keeper.pem', 'away', /away cannot be read: ENOENT/],
  ])('%s and %s are refused in a sentence', (certificate, privateKey, sentence) => {
    const reading = () => read(certificate, privateKey);
    expect(reading).toThrow(sentence);
    expect(reading).toThrow(expect.objectContaining({ status: exitStatus.misused }));
    expect(reading).not.toThrow(/routines/);
  });
});
