import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { ClientCertificate } from '@esplanade/sdk/node';
import { CommandError, exitStatus } from '../exit-status.ts';
import type { Profile } from './profile.ts';

/** The files of a client certificate, with their whole paths. */
export type ClientCertificateFiles = NonNullable<Profile['clientCertificate']>;

/** Reads them. Throws a CommandError when they cannot be read, or do not belong together. */
export function readClientCertificate({
  certificate,
  privateKey,
}: ClientCertificateFiles): ClientCertificate {
  try {
    const pair = {
      certificate: readFileSync(certificate, 'utf8'),
      privateKey: readFileSync(privateKey, 'utf8'),
    };
    createSecureContext({ cert: pair.certificate, key: pair.privateKey });
    return pair;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandError(
      exitStatus.failed,
      `The client certificate ${certificate} cannot be used with ${privateKey}: ${reason}.`,
      { cause },
    );
  }
}

/** The account that it logs in as: its common name. */
export function accountOf({ certificate }: ClientCertificate): string | undefined {
  return /^CN=(.*)$/m.exec(new X509Certificate(certificate).subject)?.[1];
}
