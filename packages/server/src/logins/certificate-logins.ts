import { X509Certificate } from 'node:crypto';
import { type Account, accountId, type DesiredSnapshot, type DesiredState } from '@esplanade/desired';
import { type Certificate, checkCertificate, type PublicCertificate } from '@esplanade/domain';
import type { CertificateLogins } from './authenticator.ts';

/** Extended key usage of TLS clients (RFC 5280 4.2.1.12). */
const clientAuthentication = '1.3.6.1.5.5.7.3.2';

/** What the judgement of a certificate rests on: it holds as long as these are the same objects. */
type Grounds = Pick<DesiredSnapshot, 'accounts' | 'certificates' | 'revocationLists'>;

interface Judgement {
  readonly grounds: Grounds;
  readonly account: Account | undefined;
  /** When one of the two certificates is over. */
  readonly endsMs: number;
}

interface LoginCa {
  readonly certificate: Certificate;
  readonly x509: X509Certificate;
}

/** Whether clients are to be asked for certificates: there is a CA that may have signed one. */
export function asksForCertificates(certificates: DesiredSnapshot['certificates']): boolean {
  for (const { value } of certificates.values()) if (value.type === 'client_ca') return true;
  return false;
}

/**
 * Logins by client certificate (RFC 8446 4.4.2). TLS has shown that the client holds the key; whom that makes it is
 * decided here, anew for each request as soon as anything it rests on has changed. A certificate proves the account of
 * its common name that belongs to the same owner as the `client_ca` that signed it, and to nobody else: a CA of an SVM
 * makes no accounts of the cluster. The CA must have signed it itself; one between is installed as a `client_ca` too.
 */
export class IssuedLogins implements CertificateLogins {
  readonly #desired: Pick<DesiredState, 'snapshot'>;
  readonly #nowMs: () => number;
  readonly #judgements = new WeakMap<X509Certificate, Judgement>();
  #certificates: DesiredSnapshot['certificates'] | undefined;
  #cas: readonly LoginCa[] = [];

  constructor(desired: Pick<DesiredState, 'snapshot'>, nowMs: () => number = Date.now) {
    this.#desired = desired;
    this.#nowMs = nowMs;
  }

  /** The account that the certificate proves, locked or not. Quick for a certificate that was asked about before. */
  find(certificate: X509Certificate): Account | undefined {
    const snapshot = this.#desired.snapshot();
    const nowMs = this.#nowMs();
    const known = this.#judgements.get(certificate);
    if (known !== undefined && isOn(known.grounds, snapshot))
      return nowMs < known.endsMs ? known.account : undefined;
    const judgement = this.#judge(certificate, snapshot, nowMs);
    this.#judgements.set(certificate, judgement);
    return judgement.account;
  }

  #judge(x509: X509Certificate, snapshot: DesiredSnapshot, nowMs: number): Judgement {
    const { accounts, certificates, revocationLists } = snapshot;
    const grounds: Grounds = { accounts, certificates, revocationLists };
    const nobody: Judgement = { grounds, account: undefined, endsMs: 0 };
    const checked = checkCertificate(x509.toString(), {
      what: 'a client certificate',
      target: '',
      nowMs,
      isNamed: true,
    });
    if (checked.kind === 'invalid') return nobody;
    const leaf = checked.value;
    if (x509.keyUsage !== undefined && !x509.keyUsage.includes(clientAuthentication)) return nobody;
    for (const ca of this.#casOf(snapshot)) {
      const { scope, content } = ca.certificate;
      const account = accounts.get(accountId(scope, leaf.commonName ?? ''))?.value;
      if (account?.authenticationMethods.includes('certificate') !== true) continue;
      const isIssued = x509.checkIssued(ca.x509) && x509.verify(ca.x509.publicKey);
      if (!isIssued || !isInForce(content, nowMs) || isRevoked(leaf, ca, revocationLists)) continue;
      return { grounds, account, endsMs: Math.min(leaf.notAfterMs, content.notAfterMs) };
    }
    return nobody;
  }

  #casOf({ certificates }: DesiredSnapshot): readonly LoginCa[] {
    if (certificates !== this.#certificates) {
      this.#cas = [...certificates.values()]
        .filter(({ value }) => value.type === 'client_ca')
        .sort((a, b) => rank(a.value) - rank(b.value) || a.created - b.created)
        .map(({ value }) => ({ certificate: value, x509: new X509Certificate(value.content.pem) }));
      this.#certificates = certificates;
    }
    return this.#cas;
  }
}

function isOn(grounds: Grounds, snapshot: DesiredSnapshot): boolean {
  return (
    grounds.accounts === snapshot.accounts &&
    grounds.certificates === snapshot.certificates &&
    grounds.revocationLists === snapshot.revocationLists
  );
}

function isInForce({ notBeforeMs, notAfterMs }: PublicCertificate, nowMs: number): boolean {
  return notBeforeMs <= nowMs && nowMs < notAfterMs;
}

/** By the list that is kept for the CA; where there is none, or it is over, what it said last counts. */
function isRevoked(
  { serialNumber }: PublicCertificate,
  { certificate }: LoginCa,
  lists: DesiredSnapshot['revocationLists'],
): boolean {
  return lists.get(certificate.uuid)?.value.list?.revoked.has(serialNumber) === true;
}

/** The cluster's come before those of SVMs, as with names (decision 13). */
function rank({ scope }: Certificate): number {
  return scope.kind === 'cluster' ? 0 : 1;
}
