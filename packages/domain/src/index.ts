export type { ValidationContext } from './authentication-validation.ts';
export * from './certificate.ts';
export * from './certificate-authority.ts';
export * from './certificate-check.ts';
export * from './certificate-installation.ts';
export * from './certificate-problem-kinds.ts';
export * from './decide.ts';
export {
  areEqualNames,
  formatDistinguishedName,
  type NamePart,
  readDistinguishedName,
} from './distinguished-name.ts';
export * from './expiry-warnings.ts';
export * from './identity.ts';
export * from './implied-entry.ts';
export * from './ip-address.ts';
export { noHostIn } from './no-host.ts';
export * from './packet-validation.ts';
export * from './peer.ts';
export { type PemBlock, pemBlocks } from './pem.ts';
export * from './pki-credentials.ts';
export * from './policy.ts';
export * from './policy-draft.ts';
export * from './policy-support.ts';
export * from './policy-validation.ts';
export * from './prefix.ts';
export * from './priority.ts';
export * from './problem.ts';
export * from './problem-kinds.ts';
export * from './protocol.ts';
export * from './public-certificate.ts';
export * from './replaced-keys.ts';
export * from './revocation-list.ts';
export * from './revocation-list-check.ts';
export * from './revocation-problem-kinds.ts';
export * from './secret.ts';
export * from './secret-key.ts';
export * from './security-association.ts';
export * from './spd.ts';
export type { SubjectAlternatives } from './subject-alternatives.ts';
export * from './traffic-selector.ts';
