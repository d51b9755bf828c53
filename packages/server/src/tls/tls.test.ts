import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSelfSigned } from './self-signed.ts';
import { loadTlsPair, selfSignedNames } from './tls.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'esplanade-tls-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const names = selfSignedNames('myhost', '192.0.2.7');

describe('a self-signed pair', () => {
  it('names loopbacks, the host and the listen address, and is private', async () => {
    const { certificate, made } = await loadTlsPair({ kind: 'self-signed', directory, names });
    expect(made).toBe(true);
    const x509 = new X509Certificate(certificate);
    for (const name of ['localhost', 'myhost']) expect(x509.checkHost(name)).toBe(name);
    for (const address of ['127.0.0.1', '::1', '192.0.2.7']) expect(x509.checkIP(address)).toBe(address);
    expect(x509.verify(x509.publicKey)).toBe(true);
    expect(x509.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' });
    for (const name of ['tls.crt', 'tls.key'])
      expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
  });

  it('is kept while it names what it must, and made anew when it does not', async () => {
    const first = await loadTlsPair({ kind: 'self-signed', directory, names });
    const second = await loadTlsPair({ kind: 'self-signed', directory, names });
    expect(second).toEqual({ ...first, made: false });
    const other = await loadTlsPair({ kind: 'self-signed', directory, names: [...names, '192.0.2.8'] });
    expect(other.made).toBe(true);
    expect(readFileSync(join(directory, 'tls.crt'), 'utf8')).toBe(other.certificate);
  });

  it('names every address of the host where it listens on all', () => {
    expect(selfSignedNames('h', '0.0.0.0')).toEqual(expect.arrayContaining(['localhost', '127.0.0.1', 'h']));
    expect(selfSignedNames('h', '0.0.0.0')).not.toContain('0.0.0.0');
  });
});

describe("a user's own pair", () => {
  async function written(): Promise<{ certificateFile: string; keyFile: string }> {
    const pair = await makeSelfSigned(['example']);
    const files = { certificateFile: join(directory, 'c.pem'), keyFile: join(directory, 'k.pem') };
    writeFileSync(files.certificateFile, pair.certificate);
    writeFileSync(files.keyFile, pair.key);
    return files;
  }

  it('is read as it is', async () => {
    const files = await written();
    expect(await loadTlsPair({ kind: 'files', ...files })).toMatchObject({ made: false });
  });

  it('is refused with a sentence when the two do not belong together, or are no PEM', async () => {
    const files = await written();
    writeFileSync(files.keyFile, (await makeSelfSigned(['example'])).key);
    await expect(loadTlsPair({ kind: 'files', ...files })).rejects.toThrow(
      'does not belong to the certificate',
    );
    writeFileSync(files.certificateFile, 'nonsense');
    await expect(loadTlsPair({ kind: 'files', ...files })).rejects.toThrow(/cannot serve TLS with .*c\.pem/);
  });
});
