import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { writePrivateFile } from '../private-file.ts';
import { reasonOf, UsageError } from '../settings.ts';
import type { TlsPair } from './tls-pair.ts';

/** Where the server's certificate comes from. */
export type TlsSource =
  | { readonly kind: 'files'; readonly certificateFile: string; readonly keyFile: string }
  | { readonly kind: 'self-signed'; readonly directory: string; readonly names: readonly string[] };

/**
 * The pair to serve with. A self-signed one is made when there is none, or when the one there has expired or does not
 * name all of `names`. Throws UsageError when files of the user cannot be used.
 */
export async function loadTlsPair(source: TlsSource): Promise<TlsPair & { readonly made: boolean }> {
  if (source.kind === 'files')
    return { ...(await readPair(source.certificateFile, source.keyFile)), made: false };
  const certificateFile = join(source.directory, 'tls.crt');
  const keyFile = join(source.directory, 'tls.key');
  const kept = await readKeptPair(certificateFile, keyFile);
  if (kept !== undefined && covers(new X509Certificate(kept.certificate), source.names))
    return { ...kept, made: false };
  const { makeSelfSigned } = await import('./self-signed.ts');
  const pair = await makeSelfSigned(source.names);
  await writePrivateFile(keyFile, pair.key);
  await writePrivateFile(certificateFile, pair.certificate);
  return { ...pair, made: true };
}

/** Names a self-signed certificate carries: loopback in all spellings, the host, and where we listen. */
export function selfSignedNames(hostName: string, listenHost: string): readonly string[] {
  const names = new Set(['localhost', '127.0.0.1', '::1', hostName]);
  if (listenHost === '0.0.0.0' || listenHost === '::') {
    for (const addresses of Object.values(networkInterfaces()))
      for (const { address } of addresses ?? []) if (!address.startsWith('fe80:')) names.add(address);
  } else names.add(listenHost);
  return [...names];
}

async function readPair(certificateFile: string, keyFile: string): Promise<TlsPair> {
  try {
    const pair = {
      certificate: await readFile(certificateFile, 'utf8'),
      key: await readFile(keyFile, 'utf8'),
    };
    if (!new X509Certificate(pair.certificate).checkPrivateKey(createPrivateKey(pair.key)))
      throw new Error('the key does not belong to the certificate');
    createSecureContext({ cert: pair.certificate, key: pair.key });
    return pair;
  } catch (error) {
    throw new UsageError(`cannot serve TLS with ${certificateFile} and ${keyFile}: ${reasonOf(error)}.`, {
      cause: error,
    });
  }
}

/** The pair in the data directory, unless one of its files is not there. */
async function readKeptPair(certificateFile: string, keyFile: string): Promise<TlsPair | undefined> {
  try {
    await Promise.all([readFile(certificateFile), readFile(keyFile)]);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  return readPair(certificateFile, keyFile);
}

function covers(certificate: X509Certificate, names: readonly string[]): boolean {
  const nowMs = Date.now();
  if (certificate.validToDate.getTime() < nowMs || certificate.validFromDate.getTime() > nowMs) return false;
  return names.every((name) =>
    isIP(name) === 0 ? certificate.checkHost(name) !== undefined : certificate.checkIP(name) !== undefined,
  );
}
