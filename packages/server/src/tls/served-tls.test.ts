import { pbkdf2, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect } from 'node:tls';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeSelfSigned } from './self-signed.ts';
import { ServedTls } from './served-tls.ts';
import type { TlsPair } from './tls-pair.ts';

let directory: string;
let files: { readonly certificateFile: string; readonly keyFile: string };
let first: TlsPair;
let server: Server;
let served: ServedTls;
let told: string[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'esplanade-tls-'));
  files = { certificateFile: join(directory, 'c.pem'), keyFile: join(directory, 'k.pem') };
  first = await makeSelfSigned(['first']);
  write(first);
  told = [];
  const tell = (...words: readonly unknown[]): void => void told.push(String(words.at(-1)));
  server = createServer((_request, response) => response.end('there'));
  served = await ServedTls.open({
    server,
    source: { kind: 'files', ...files },
    desired: {
      snapshot: () => ({ certificates: new Map() }) as never,
      subscribe: () => () => undefined,
    },
    log: { error: tell, warn: tell, info: tell },
    lookMs: 20,
  });
  expect(told.splice(0)).toEqual([fingerprintLine(first)]);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await served.close();
  server.close();
  rmSync(directory, { recursive: true });
});

/** What whoever logs in the first time compares. */
const fingerprintLine = ({ certificate }: TlsPair): string =>
  `the certificate has the SHA-256 fingerprint ${new X509Certificate(certificate).fingerprint256}`;

function write({ certificate, key }: Partial<TlsPair>): void {
  if (certificate !== undefined) writeFileSync(files.certificateFile, certificate);
  if (key !== undefined) writeFileSync(files.keyFile, key);
}

/** Who the server says it is on a new connection, or the code of what went wrong. */
async function shown(options: ConnectionOptions = {}): Promise<string | undefined> {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens nowhere');
  return new Promise((resolve) => {
    const socket = connect({ port: address.port, rejectUnauthorized: false, ...options });
    socket.on('secureConnect', () => {
      resolve(socket.getPeerX509Certificate()?.subjectAltName);
      socket.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
}

it.each<[string, ConnectionOptions]>([
  ['TLS 1.1', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }],
  ['a cipher without authenticated encryption', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' }],
  ['a key exchange without forward secrecy', { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' }],
])('%s is refused', async (_what, options) => {
  expect(await shown(options)).toMatch(/^E/);
});

it.each<[string, ConnectionOptions]>([
  ['TLS 1.2', { maxVersion: 'TLSv1.2' }],
  ['TLS 1.3', { minVersion: 'TLSv1.3' }],
])('%s is spoken', async (_what, options) => {
  expect(await shown(options)).toBe('DNS:first');
});

it('a renewed certificate is taken up without being told, once both files are there', async () => {
  const second = await makeSelfSigned(['second']);
  write({ certificate: second.certificate });
  await expect.poll(() => told).toContainEqual(expect.stringContaining('the old one stays'));
  expect(await shown()).toBe('DNS:first');
  write(second);
  await expect.poll(() => shown()).toBe('DNS:second');
  expect(told).toHaveLength(3);
  expect(told).toContain(fingerprintLine(second));
});

it('a renewed certificate is taken up and told once, however long its files take to be read', async () => {
  const second = await makeSelfSigned(['second']);
  write(second);
  const derive = promisify(pbkdf2);
  // As many as there are threads to read files with, several times over: each read waits for its turn behind them.
  await Promise.all(Array.from({ length: 12 }, () => derive('word', 'salt', 200_000, 64, 'sha512')));
  await expect.poll(() => shown()).toBe('DNS:second');
  await served.close();
  expect(told).toEqual([fingerprintLine(second), expect.stringContaining('is new')]);
});

it('what cannot be used is told once, and the old certificate stays', async () => {
  write({ certificate: 'nonsense' });
  await expect.poll(() => told).toHaveLength(1);
  rmSync(files.certificateFile);
  await expect.poll(() => told).toHaveLength(2);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(told).toHaveLength(2);
  await expect(served.reload()).rejects.toThrow('cannot serve TLS');
  expect(await shown()).toBe('DNS:first');
});
