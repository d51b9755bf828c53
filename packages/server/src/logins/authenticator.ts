import type { X509Certificate } from 'node:crypto';
import type { Account } from '@esplanade/desired';
import type { BasicLogins, OnGone } from './basic-logins.ts';
import type { AuthenticationResult } from './login-result.ts';

/** What a request shows of who sends it. */
export interface Credentials {
  /** The `Authorization` header. */
  readonly authorization: string | undefined;
  /** What the other end of the connection proved with, asked for only where there is no such header. */
  readonly clientCertificate: () => X509Certificate | undefined;
  readonly remoteAddress: string | undefined;
  /** Calls back when nobody waits for the answer any more. */
  readonly onGone?: OnGone;
}

/** Tells who sends a request. */
export interface Authenticator {
  authenticate(credentials: Credentials): Promise<AuthenticationResult> | AuthenticationResult;
}

/** Whose account a client certificate proves, if anybody's. */
export interface CertificateLogins {
  find(certificate: X509Certificate): Account | undefined;
}

/** A password if there is one, else a client certificate: what is sent with the request itself counts before the connection. */
export function createAuthenticator(basic: BasicLogins, certificates: CertificateLogins): Authenticator {
  return {
    authenticate({ authorization, clientCertificate, remoteAddress, onGone }) {
      if (authorization !== undefined && authorization !== '')
        return basic.authenticate(authorization, remoteAddress, onGone);
      const certificate = clientCertificate();
      if (certificate === undefined) return { kind: 'refused', reason: 'nothing-shown' };
      const account = certificates.find(certificate);
      if (account === undefined) return { kind: 'refused', reason: 'certificate-wrong' };
      return account.isLocked
        ? { kind: 'refused', reason: 'account-locked', account }
        : { kind: 'authenticated', account };
    },
  };
}
