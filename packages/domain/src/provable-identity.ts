import { areEqualNames, formatDistinguishedName, readDistinguishedName } from './distinguished-name.ts';
import { readIdentityForm } from './identity-form.ts';
import type { PolicyParts } from './policy-draft.ts';
import { type Problem, quoted } from './problem.ts';
import { problemKinds, problemOf } from './problem-kinds.ts';
import type { PublicCertificate } from './public-certificate.ts';

/**
 * The identities of a policy that no certificate can prove to an IKE daemon, whatever the remote does: an SA would never
 * come up, and nothing but logs would say why.
 */
export function unprovableIdentities(
  { localIdentity, remoteIdentity }: Pick<PolicyParts, 'localIdentity' | 'remoteIdentity'>,
  shown: PublicCertificate | undefined,
): readonly Problem[] {
  const local = localIdentity?.kind === 'text' ? localIdentity.text : undefined;
  const ours = shown === undefined ? undefined : localProblem(local, shown);
  const theirs = remoteIdentity?.kind === 'text' ? remoteProblem(remoteIdentity.text) : undefined;
  return [ours, theirs].filter((problem) => problem !== undefined);
}

function localProblem(text: string | undefined, shown: PublicCertificate): Problem | undefined {
  const target = 'local_identity';
  if (text === undefined) {
    if (shown.subject.length > 0) return undefined;
    const why = 'The certificate has no subject, which would be our identity';
    return problemOf(problemKinds.unusableValue, target, { why, advice: `Send ${choices(shown)}.` });
  }
  if (isNamedBy(shown, text)) return undefined;
  const why = `The certificate does not say ${quoted(text)}, so no remote would believe that identity`;
  return problemOf(problemKinds.unusableValue, target, {
    why,
    advice: `Send ${choices(shown)}, or leave the field out to go by the subject.`,
  });
}

/** Whether a certificate is one of an identity, as IKE daemons compare them. */
function isNamedBy(
  { subject, subjectAlternatives, subjectKeyIdentifier }: PublicCertificate,
  text: string,
): boolean {
  const reading = readIdentityForm(text);
  if (reading.kind !== 'read') return false;
  const { type, value } = reading.form;
  const isAmong = (names: readonly string[]) => names.some((name) => name.toLowerCase() === value);
  switch (type) {
    case 'dn':
      return areEqualNames(subject, readDistinguishedName(text) ?? []);
    case 'fqdn':
      return isAmong(subjectAlternatives.dns);
    case 'email':
      return isAmong(subjectAlternatives.email);
    case 'address':
      return isAmong(subjectAlternatives.ip);
    case 'key-id':
      return (
        subjectKeyIdentifier?.replaceAll(':', '').toLowerCase() ===
        Buffer.from(value, 'latin1').toString('hex')
      );
  }
}

function choices({ subject, subjectAlternatives }: PublicCertificate): string {
  const { dns, email, ip } = subjectAlternatives;
  const names = [
    ...(subject.length === 0 ? [] : [formatDistinguishedName(subject)]),
    ...dns,
    ...email,
    ...ip,
  ];
  return names.length === 0 ? 'another certificate, which has a name' : names.map(quoted).join(' or ');
}

function remoteProblem(text: string): Problem | undefined {
  const problem = (why: string, advice: string) =>
    problemOf(problemKinds.unusableValue, 'remote_identity', { why: `${quoted(text)} ${why}`, advice });
  const name = text.includes('=') ? readDistinguishedName(text) : undefined;
  const part = name?.find(({ value }) => value.includes('*') && value !== '*');
  if (part !== undefined) {
    return problem(
      `has an asterisk within a value, which IKE takes for the character itself`,
      `Send ${part.attribute.toUpperCase()}=* for any value of it, a pattern of the alternative names such as *.example.com if the remote goes by one, or ANYTHING.`,
    );
  }
  if (name === undefined && readIdentityForm(text).kind === 'pattern' && text.lastIndexOf('*') > 0) {
    return problem(
      'has an asterisk elsewhere than at its start, where it stands for nothing but itself',
      'Send a pattern such as *.example.com or *@example.com, one identity, or ANYTHING.',
    );
  }
  return undefined;
}
