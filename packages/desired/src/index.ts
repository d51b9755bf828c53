export { type AuditedCommit, type AuditSource, auditLogName } from './audit-log.ts';
export {
  type AuditDestination,
  type AuditReceiver,
  type AuditSettings,
  syslogFacilities,
  syslogProtocols,
} from './audit-settings.ts';
export {
  type BuiltInRole,
  builtInRoles,
  isBuiltInRole,
  metricsPath,
  privilegesOf,
} from './built-in-roles.ts';
export * from './desired-state.ts';
export { changeKeyFile, openSecretBox, readKeyFile, type SecretBoxOptions } from './key-file.ts';
export { formatKeyFile, newSealingKey, parseKeyFile } from './key-file-text.ts';
export { type AccountScope, accountId } from './keys.ts';
export * from './model.ts';
export { type DesiredStateOptions, openDesiredState } from './open-desired-state.ts';
export { defaultPolicyLimits, type PolicyLimits } from './policy-places.ts';
export { accountRefusals, certificateRefusals, refusalKinds, roleRefusals } from './refusal-kinds.ts';
export { countSealedValues, findUnopenable } from './resealing.ts';
export { mostListsPerSvm, revocationRefusals } from './revocation-refusal-kinds.ts';
export {
  beginningSealedWith,
  SealError,
  type SealingKey,
  type SealingKeys,
  SecretBox,
} from './secret-box.ts';
export type { Seed } from './seed.ts';
export { type AuditToVerify, verifyAudit } from './verify-audit.ts';
