import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ClientCertificate } from '@esplanade/sdk/node';
import { CommandError, type ExitStatus } from '../exit-status.ts';
import type { Profile } from './profile.ts';

/** The files of a client certificate, with their whole paths. */
export type ClientCertificateFiles = NonNullable<Profile['clientCertificate']>;

/** Reads them. Throws a CommandError of this status when they cannot be read, or do not belong together. */
export function readClientCertificate(files: ClientCertificateFiles, status: ExitStatus): ClientCertificate {
  const attempt = <T>(work: () => T, sentence: (reason: string) => string): T => {
    try {
      return work();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new CommandError(status, sentence(reason), { cause });
    }
  };
  const read = (path: string) =>
    attempt(
      () => readFileSync(path, 'utf8'),
      (reason) => `${path} cannot be read: ${reason}.`,
    );
  const certificate = read(files.certificate);
  const privateKey = read(files.privateKey);
  if (/^(-----BEGIN ENCRYPTED|Proc-Type:.*ENCRYPTED)/m.test(privateKey))
    throw new CommandError(
      status,
      `The private key ${files.privateKey} is encrypted, and nobody is asked for its passphrase. ` +
        `A copy without one, which only you may read: (umask 077; openssl pkey -in ${files.privateKey} -out FILE)`,
    );
  const parsed = attempt(
    () => new X509Certificate(certificate),
    () => `${files.certificate} holds no certificate in PEM.`,
  );
  const key = attempt(
    () => createPrivateKey(privateKey),
    () => `${files.privateKey} holds no private key in PEM.`,
  );
  if (!parsed.checkPrivateKey(key))
    throw new CommandError(status, `${files.certificate} and ${files.privateKey} do not belong together.`);
  return { certificate, privateKey };
}

/** The account that it logs in as: its common name. */
export function accountOf({ certificate }: ClientCertificate): string | undefined {
  return /^CN=(.*)$/m.exec(new X509Certificate(certificate).subject)?.[1];
}
