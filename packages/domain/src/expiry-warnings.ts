import type { PkiCredentials, Trust } from './pki-credentials.ts';
import { quoted } from './problem.ts';
import type { PublicCertificate } from './public-certificate.ts';

/** How long before something expires it is warned of: 30 days. */
export const expiryNoticeMs = 30 * 86_400_000;

/**
 * What will soon keep, or already keeps, a policy's remotes from proving themselves or believing us, a sentence each: its
 * certificate, one on the way to the root, or the last CA certificate that it trusts expires, or it is strict about
 * revocation and there is no current list. `nowMs` in epoch milliseconds.
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
  const last = anchors.reduce<PublicCertificate | undefined>(
    (latest, one) => (latest !== undefined && latest.notAfterMs >= one.notAfterMs ? latest : one),
    undefined,
  );
  const which =
    anchors.length > 1
      ? `The last of ${anchors.length} trusted CA certificates`
      : 'The only trusted CA certificate';
  const ofAnchors = last === undefined ? [] : warningOf(`${which}, ${quoted(nameOf(last))},`, last, nowMs);
  if (revocation === 'relaxed' || revocationLists.some(({ nextUpdateMs }) => nextUpdateMs > nowMs))
    return ofAnchors;
  return [
    ...ofAnchors,
    'Revocation mode is strict and there is no current revocation list: no remote is let in. See /api/esplanade/v1/certificate-revocation-lists.',
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
