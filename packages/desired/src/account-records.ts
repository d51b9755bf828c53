import type { Reference } from '@esplanade/domain';
import type { Document } from '@esplanade/store';
import { accountDocument, roleDocument } from './documents.ts';
import type { Account, DesiredSnapshot, Role, Versioned } from './model.ts';
import type { References } from './policy-document.ts';
import { SortedMap } from './sorted-map.ts';
import { withSvmName } from './svm-name.ts';

/** Who may log in and what they may do, kept up to date change by change. */
export class AccountRecords {
  readonly #references: References;
  #accounts = SortedMap.empty<string, Versioned<Account>>();
  #roles = SortedMap.empty<string, Versioned<Role>>();

  constructor(references: References) {
    this.#references = references;
  }

  /** As they are now; immutable. */
  snapshot(): Pick<DesiredSnapshot, 'accounts' | 'roles'> {
    return { accounts: this.#accounts, roles: this.#roles };
  }

  putAccount(id: string, { key, value: text, created, modified }: Document): void {
    const value = accountDocument.read(key, text, this.#references);
    this.#accounts = this.#accounts.with(id, { value, created, modified });
  }

  deleteAccount(id: string): void {
    this.#accounts = this.#accounts.without(id);
  }

  /** Tells whether the role's deletion is announced. */
  putRole(id: string, { key, value: text, created, modified }: Document): boolean {
    const { record, isLeaving } = roleDocument.read(key, text, this.#references);
    this.#roles = this.#roles.with(id, { value: record, created, modified });
    return isLeaving;
  }

  deleteRole(id: string): void {
    this.#roles = this.#roles.without(id);
  }

  /** Gives everything of an SVM its new name. */
  showSvm(svm: Reference): void {
    this.#accounts = this.#accounts.map((row) => withSvmName(row, svm));
    this.#roles = this.#roles.map((row) => withSvmName(row, svm));
  }
}
