import type { ApiResponse, Transport } from '@esplanade/sdk';
import { CertificateChangedError, CertificateNotTrustedError, UnreachedError } from '@esplanade/sdk/node';
import { CommandError, exitStatus } from '../exit-status.ts';
import { urlText } from './server-url.ts';

/** What the sentences are about. */
export interface Explained {
  readonly url: URL;
  readonly user: string;
  readonly profile: string | undefined;
  /** Whether the password is that of `ESPLANADE_PASSWORD`, which a login would take again. */
  readonly isOfEnvironment?: boolean | undefined;
  /** Whether it is a client certificate that says who asks. */
  readonly isByCertificate?: boolean | undefined;
}

/** A transport whose failures say what to do about them. */
export function explainingTransport(transport: Transport, about: Explained): Transport {
  return async (request) => {
    let answer: ApiResponse;
    try {
      answer = await transport(request);
    } catch (error) {
      throw explained(error, about);
    }
    if (answer.status === 401) throw notLoggedIn(answer, about);
    if (answer.status === 403) {
      const { accessRefused } = await import('./access-refused.ts');
      const refusal = accessRefused(answer, request, about.user);
      if (refusal !== undefined) throw refusal;
    }
    return answer;
  };
}

/** A failure of a connection with what to do about it, as a sentence for people; others as they are. */
export function explained(error: unknown, { url, profile }: Pick<Explained, 'url' | 'profile'>): unknown {
  if (error instanceof CertificateChangedError)
    return notReached(error, [
      `The certificate of ${url.host} has CHANGED. Either it was renewed, or somebody else answers in its place; nothing was sent.`,
      ...fact('Known so far', halves(error.expected)),
      ...fact('Shown now', halves(error.certificate.fingerprint)),
      'Ask whoever runs the server. If it is right:',
      ...lineThatTrusts(error.certificate.fingerprint, url, profile),
    ]);
  if (error instanceof CertificateNotTrustedError)
    return notReached(error, [
      error.message,
      ...fact('SHA-256', halves(error.certificate.fingerprint)),
      `Nothing was sent. "${loginLine(url, profile)}" lets you look at it and trust it.`,
    ]);
  if (error instanceof UnreachedError && error.reason === 'refused')
    return notReached(error, [`${error.message} Is the server running, and is the port right?`]);
  return error;
}

/** Servers do not say whether the name or the password is wrong, or the account locked, so neither is claimed here. */
function notLoggedIn(
  { text }: ApiResponse,
  { url, user, profile, isOfEnvironment, isByCertificate }: Explained,
): CommandError {
  const [, code] = /"code"\s*:\s*"?(\d{1,10})\b/.exec(text) ?? [];
  const ontap = code === undefined ? '' : ` (ONTAP error ${code})`;
  if (isByCertificate === true)
    return new CommandError(
      exitStatus.notAllowed,
      `${url.host} does not let ${user} in by its certificate: no authority there vouches for it, it has expired or is revoked, or no account of that name logs in so.${ontap}\n` +
        '"security certificate show -type client-ca" there tells the authorities, "security login show" the accounts.',
    );
  return new CommandError(
    exitStatus.notAllowed,
    `${url.host} does not let ${user} in: the password is wrong, or the account is locked or not there.${ontap}\n` +
      (isOfEnvironment === true
        ? 'The password is that of ESPLANADE_PASSWORD: set another, or unset it to be asked.'
        : `"${loginLine(url, profile)}" asks for the password anew.`),
  );
}

/** What is known under a label, on a line for each value. */
export function fact(label: string, values: readonly string[]): readonly string[] {
  return values.map((value, index) => `  ${(index === 0 ? label : '').padEnd(14)}${value}`);
}

/** A fingerprint on two lines, for terminals of 80 columns. */
export function halves(fingerprint: string): readonly string[] {
  return [fingerprint.slice(0, 48), fingerprint.slice(48)];
}

/** The command that takes a certificate for that of the server, in lines to be pasted: no terminal has to break them. */
export function lineThatTrusts(
  fingerprint: string,
  url: URL,
  profile: string | undefined,
): readonly string[] {
  return [`  ${loginLine(url, profile)} \\`, `  -fingerprint ${fingerprint.replaceAll(':', '')}`];
}

/** The command that logs in there. */
export function loginLine(url: URL, profile: string | undefined): string {
  const named = profile === undefined ? '' : ` -profile ${profile}`;
  return `esplanade login ${urlText(url)}${named}`;
}

function notReached(cause: Error, lines: readonly string[]): CommandError {
  return new CommandError(exitStatus.notReached, lines.join('\n'), { cause });
}
