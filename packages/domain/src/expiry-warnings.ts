import type { PkiCredentials, Trust } from './pki-credentials.ts';
import { quoted } from './problem.ts';
import { isIssuedBy, type PublicCertificate } from './public-certificate.ts';
import type { RevocationList } from './revocation-list.ts';
import { listIssuersOf } from './revocation-list-check.ts';

/** How long before something expires it is warned of: 30 days. */
export const expiryNoticeMs = 30 * 86_400_000;

/**
 * What will soon keep, or already keeps, a policy's remotes from proving themselves or believing us, a sentence each:
 * its certificate, one on the way to the root, or the last CA certificate that it trusts expires, the root of one is
 * not trusted, it is strict about revocation and there is no current list of a CA that it trusts, or a list is overdue.
 * `nowMs` in epoch milliseconds.
 */
export function expiryWarnings({ certificate, trust }: PkiCredentials, nowMs: number): readonly string[] {
  return [
    ...warningOf(`Certificate ${quoted(certificate.name)}`, certificate.content, nowMs),
    ...certificate.intermediates.flatMap((one) =>
      warningOf(
        `Intermediate certificate ${quoted(nameOf(one))} of certificate ${quoted(certificate.name)}`,
        one,
        nowMs,
      ),
    ),
    ...trustWarnings(trust, nowMs),
  ];
}

/** The same of what all policies of an owner trust. */
export function trustWarnings(
  { anchors, revocation, revocationLists }: Trust,
  nowMs: number,
): readonly string[] {
  if (anchors.length === 0)
    return [
      'No CA certificate is trusted: no remote is let in. Add one at /api/security/ipsec/ca-certificates.',
    ];
  const last = anchors.reduce<PublicCertificate | undefined>(
    (latest, one) => (latest !== undefined && latest.notAfterMs >= one.notAfterMs ? latest : one),
    undefined,
  );
  const which =
    anchors.length > 1
      ? `The last of ${anchors.length} trusted CA certificates`
      : 'The only trusted CA certificate';
  const ofAnchors = last === undefined ? [] : warningOf(`${which}, ${quoted(nameOf(last))},`, last, nowMs);
  const ofLists =
    revocation === 'strict'
      ? anchors.flatMap((anchor) => strictWarning(anchor, revocationLists, nowMs))
      : revocationLists.flatMap((list) => overdueWarning(list, nowMs));
  return [...ofAnchors, ...anchors.flatMap((anchor) => rootlessWarning(anchor, anchors)), ...ofLists];
}

/** A chain is followed to a root, so a CA on the way vouches for nobody without its own. */
function rootlessWarning(
  anchor: PublicCertificate,
  anchors: readonly PublicCertificate[],
): readonly string[] {
  const seen = new Set<PublicCertificate>();
  let top: PublicCertificate | undefined = anchor;
  while (top !== undefined && !top.isSelfSigned && !seen.has(top)) {
    seen.add(top);
    const certificate: PublicCertificate = top;
    top = anchors.find((issuer) => isIssuedBy(certificate, issuer));
  }
  if (top?.isSelfSigned === true) return [];
  return [
    `Trusted CA certificate ${quoted(nameOf(anchor))} is no root, and its root is not trusted: no remote that it vouches for is sure to be let in. Add the root at /api/security/ipsec/ca-certificates.`,
  ];
}

const where = 'See /api/esplanade/v1/certificate-revocation-lists.';

/** Of two lists of one CA the newer one is in force, and it is due later. */
function strictWarning(
  anchor: PublicCertificate,
  lists: readonly RevocationList[],
  nowMs: number,
): readonly string[] {
  const issuers = listIssuersOf(anchor);
  if (lists.some(({ issuer, nextUpdateMs }) => issuers.includes(issuer) && nextUpdateMs > nowMs)) return [];
  return [
    `Revocation mode is strict and there is no current revocation list of trusted CA certificate ${quoted(nameOf(anchor))}: no remote that it vouches for is let in. ${where}`,
  ];
}

function overdueWarning({ number, nextUpdateMs }: RevocationList, nowMs: number): readonly string[] {
  if (nextUpdateMs > nowMs) return [];
  const date = new Date(nextUpdateMs).toISOString().slice(0, 10);
  return [
    `Revocation list number ${number} is overdue since ${date}: certificates that were revoked later are let in. ${where}`,
  ];
}

function warningOf(what: string, { notAfterMs }: PublicCertificate, nowMs: number): readonly string[] {
  const date = new Date(notAfterMs).toISOString().slice(0, 10);
  if (notAfterMs < nowMs) return [`${what} has expired on ${date}. Install a new one.`];
  return notAfterMs - nowMs <= expiryNoticeMs
    ? [`${what} expires on ${date}. Install a new one before.`]
    : [];
}

function nameOf({ commonName, subjectKeyIdentifier, serialNumber }: PublicCertificate): string {
  return commonName ?? subjectKeyIdentifier ?? serialNumber;
}
