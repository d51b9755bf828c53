export * from './desired-state.ts';
export { openSecretBox, type SecretBoxOptions } from './key-file.ts';
export { accountId } from './keys.ts';
export * from './model.ts';
export { type DesiredStateOptions, openDesiredState } from './open-desired-state.ts';
export { defaultPolicyLimits, type PolicyLimits } from './policy-places.ts';
export { accountRefusals, certificateRefusals, refusalKinds } from './refusal-kinds.ts';
export { SealError, type SealingKey, SecretBox } from './secret-box.ts';
export type { Seed } from './seed.ts';
