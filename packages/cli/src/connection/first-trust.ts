import {
  type Inspection,
  inspectServer,
  parseFingerprint,
  type ServerCertificate,
} from '@esplanade/sdk/node';
import { CommandError, exitStatus } from '../exit-status.ts';
import { printable } from '../output/printable.ts';
import type { Terminal } from '../terminal.ts';
import { explained, fact, halves, lineThatTrusts, loginLine } from './explaining-transport.ts';
import { areCertificates, type KeptTrust } from './profile.ts';

/** Of a certificate with more names so many are shown, so that the fingerprint stays on the screen. */
const mostNames = 8;

/** What whoever logs in says of the server, and what is known of it. */
export interface TrustRequest {
  readonly url: URL;
  /** The profile that was named. */
  readonly profile: string | undefined;
  /** The fingerprint that its certificate has to have. */
  readonly fingerprint: string | undefined;
  /** PEM of the authorities that may vouch for it. */
  readonly authorities: string | undefined;
  /** What was trusted so far, if this server is known. */
  readonly known: KeptTrust | undefined;
  /** Whether whatever it shows is believed unseen, this once, unless another certificate is known. */
  readonly isUnseen: boolean;
  readonly connectTimeoutMs: number | undefined;
  /** Names the proxy, if there is one. */
  readonly environment: NodeJS.ProcessEnv;
}

/** How the server is told from others. */
export interface Trusted {
  /** For this login. */
  readonly now: KeptTrust;
  /** From now on. What was believed unseen is not kept. */
  readonly kept: KeptTrust;
}

/**
 * Finds out how the server is told from others from now on: by what was said, by an authority of the system, or by its
 * certificate, which somebody looks at and agrees to. Throws a CommandError `notReached` when nobody does. Sends the server
 * nothing.
 */
export async function trustServer(
  request: TrustRequest,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Trusted> {
  const { url, authorities, known, isUnseen, profile } = request;
  if (authorities !== undefined) return always({ kind: 'authorities', pem: checkedAuthorities(authorities) });
  const wanted = request.fingerprint === undefined ? undefined : checkedFingerprint(request.fingerprint);
  const inspection = await look(request, signal);
  const { certificate, distrust } = inspection;
  const { fingerprint } = certificate;
  const pinned: KeptTrust = { kind: 'certificate', fingerprint };
  if (wanted !== undefined) {
    if (wanted !== fingerprint) throw notThatOne(url, fingerprint, wanted);
    return always(pinned);
  }
  if (known?.kind === 'certificate' && known.fingerprint === fingerprint) return always(pinned);
  if (distrust === undefined && known?.kind === 'authorities') return always(known);
  // Who pinned a certificate did not take an authority's word, so none is taken for another one.
  if (distrust === undefined && known?.kind !== 'certificate') {
    terminal.note(`An authority known to this system vouches for the certificate of ${url.host}.\n`);
    return always({ kind: 'system' });
  }
  if (isUnseen && known?.kind !== 'certificate') {
    terminal.note(
      `The certificate of ${url.host} is believed unseen, because ESPLANADE_INSECURE is set. That is not kept.\n`,
    );
    return { now: pinned, kept: known ?? { kind: 'system' } };
  }
  const description = describe(url, inspection, known);
  if (!terminal.canAsk)
    throw new CommandError(
      exitStatus.notReached,
      [
        ...description,
        'Nobody can be asked here whether that is right. If it is:',
        ...lineThatTrusts(fingerprint, url, profile),
      ].join('\n'),
    );
  const { wrapLonger } = await import('../help-text.ts');
  for (const line of description) terminal.note(wrapLonger(line, terminal.columns));
  const answer = await terminal.ask('Trust this certificate from now on? [y/N] ', signal);
  if (!isYes(answer))
    throw new CommandError(
      exitStatus.notReached,
      `The certificate is not trusted. Nothing was sent or kept. If it is right after all: ${loginLine(url, profile)}, and answer y.`,
    );
  return always(pinned);
}

function always(trust: KeptTrust): Trusted {
  return { now: trust, kept: trust };
}

/** Whether an answer agrees. */
export function isYes(answer: string): boolean {
  return /^y(es)?$/i.test(answer.trim());
}

async function look(
  { url, profile, known, connectTimeoutMs, environment }: TrustRequest,
  signal: AbortSignal,
): Promise<Inspection> {
  const trust = known?.kind === 'authorities' ? known : ({ kind: 'system' } as const);
  try {
    return await inspectServer(url, { trust, signal, timeoutMs: connectTimeoutMs, proxyEnv: environment });
  } catch (error) {
    throw explained(error, { url, profile });
  }
}

function describe(
  url: URL,
  { certificate, distrust }: Inspection,
  known: KeptTrust | undefined,
): readonly string[] {
  const vouching = known?.kind === 'authorities' ? 'No authority that the profile names' : 'Nothing here';
  const first =
    known?.kind === 'certificate'
      ? `The certificate of ${url.host} has CHANGED: it was renewed, or somebody else answers in its place.`
      : `${vouching} vouches for the certificate of ${url.host}: ${distrust}.`;
  return [
    first,
    ...(known?.kind === 'certificate' ? fact('Known so far', halves(known.fingerprint)) : []),
    ...facts(certificate),
    ...(distrust === undefined ? ['An authority known to this system vouches for it.'] : []),
    'Compare the fingerprint with what Esplanade logs when it starts, or there with',
    '  openssl x509 -in DATA_DIR/tls.crt -noout -sha256 -fingerprint',
    'On an ONTAP, give openssl what this shows there:',
    '  security certificate show -type server -fields public-cert',
  ].map((line) => printable(line));
}

function facts(certificate: ServerCertificate): readonly string[] {
  const { subject, issuer, names, validFrom, validTo, fingerprint } = certificate;
  return [
    ...fact('Subject', [subject]),
    ...fact('Issuer', [issuer === subject ? 'itself' : issuer]),
    ...fact(
      'Names',
      names.length > mostNames
        ? [...names.slice(0, mostNames), `and ${names.length - mostNames} more`]
        : names,
    ),
    ...fact('Valid', [`${day(validFrom)} to ${day(validTo)}`]),
    ...fact('SHA-256', halves(fingerprint)),
  ];
}

function day(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'nobody can tell' : date.toISOString().slice(0, 10);
}

function checkedFingerprint(text: string): string {
  const fingerprint = parseFingerprint(text);
  if (fingerprint === undefined)
    throw new CommandError(
      exitStatus.misused,
      `-fingerprint takes a SHA-256 fingerprint, 64 hexadecimal digits with or without colons, not "${text}".`,
    );
  return fingerprint;
}

function checkedAuthorities(pem: string): string {
  if (!areCertificates(pem))
    throw new CommandError(
      exitStatus.misused,
      '-ca-file holds no certificate in PEM, or something else beside it.',
    );
  return pem;
}

function notThatOne(url: URL, shown: string, wanted: string): CommandError {
  return new CommandError(
    exitStatus.notReached,
    [
      `The certificate of ${url.host} is not the one you gave. Nothing was sent.`,
      ...fact('Given', halves(wanted)),
      ...fact('Shown', halves(shown)),
    ].join('\n'),
  );
}
