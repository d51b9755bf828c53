import type { Account } from '@esplanade/desired';

/** An account as far as logging in goes. */
export type Credentialed = Pick<Account, 'name' | 'role' | 'scope'>;

/** Why a login was refused, for the audit log; the client is not told. */
export type RefusalReason =
  | 'nothing-shown'
  | 'password-wrong'
  | 'certificate-wrong'
  | 'account-locked'
  | 'too-many-failures'
  | 'too-many-at-once';

/** Who a request comes from, or what keeps it from being told. */
export type AuthenticationResult =
  | { readonly kind: 'authenticated'; readonly account: Credentialed }
  | ({ readonly kind: 'refused' } & Refusal)
  /** It is not looked at for now: the source guessed too often, or there are more logins at once than we hash for. */
  | ({ readonly kind: 'postponed'; readonly retryAfterSeconds: number } & Refusal);

/** What is known of a refused login. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** Whom it was about, where there is such an account. */
  readonly account?: Pick<Account, 'name' | 'scope'>;
}
