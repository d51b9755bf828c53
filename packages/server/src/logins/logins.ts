import type { Account, DesiredSnapshot, DesiredState, Versioned } from '@esplanade/desired';

/**
 * Who logs in under a name (decision 13): `SVM\name` is that SVM's account, a plain name is the cluster's account, or
 * else that of the SVM whose account of the name is the oldest. So a new account never takes a name away from another
 * SVM's.
 */
export class Logins {
  readonly #desired: Pick<DesiredState, 'snapshot'>;
  #accounts: DesiredSnapshot['accounts'] | undefined;
  #byLogin: ReadonlyMap<string, Account> = new Map();

  constructor(desired: Pick<DesiredState, 'snapshot'>) {
    this.#desired = desired;
  }

  /** The account of a login name, locked or not; undefined when there is none. */
  find(login: string): Account | undefined {
    const { accounts } = this.#desired.snapshot();
    if (accounts !== this.#accounts) {
      this.#byLogin = byLogin(accounts);
      this.#accounts = accounts;
    }
    return this.#byLogin.get(login);
  }
}

function byLogin(accounts: DesiredSnapshot['accounts']): ReadonlyMap<string, Account> {
  const inOrder = [...accounts.values()].sort((a, b) => rank(a) - rank(b) || a.created - b.created);
  const logins = new Map<string, Account>();
  for (const { value } of inOrder) {
    if (value.scope.kind === 'svm') logins.set(`${value.scope.svm.name}\\${value.name}`, value);
    if (!logins.has(value.name)) logins.set(value.name, value);
  }
  return logins;
}

function rank({ value }: Versioned<Account>): number {
  return value.scope.kind === 'cluster' ? 0 : 1;
}
