import type { Account, Versioned } from '@esplanade/desired';
import type { Field } from '@esplanade/ontap';
import type { Owner } from './owner-reference.ts';

/** An account, and the owner it is shown with: its SVM, or the cluster. */
export interface AccountRow {
  readonly account: Versioned<Account>;
  readonly owner: Owner;
}

/** What an account is for, in ONTAP's shape: the one application there is here, and how it logs in to it. */
export function applicationsOf(methods: Account['authenticationMethods']) {
  return [{ application: 'http', authentication_methods: methods, second_authentication_method: 'none' }];
}

const written = ['post', 'patch'] as const;

/** The fields of `/security/accounts` beside the owner. */
export const accountFields: Readonly<Record<string, Field<AccountRow>>> = {
  name: {
    type: 'string',
    description:
      'Name of the account, unique among those of its owner. To log in, an SVM\'s may need "SVM\\name".',
    isDefault: true,
    writable: ['post'],
    isRequired: true,
    example: 'keeper',
    get: ({ account }) => account.value.name,
  },
  scope: {
    type: 'string',
    description: 'svm, or cluster for an account of no SVM.',
    enum: ['cluster', 'svm'],
    get: ({ account }) => account.value.scope.kind,
  },
  'role.name': {
    type: 'string',
    description:
      "One of its owner's roles: admin (default), readonly, none; of an SVM's vsadmin (default), vsadmin-readonly; or one at /security/roles.",
    writable: written,
    example: 'vsadmin',
    get: ({ account }) => account.value.role,
  },
  applications: {
    type: 'json',
    description: 'What it may be used for: http, with a password, a client certificate or either of them.',
    writable: written,
    notFilterable: true,
    members: {
      application: 'string',
      authentication_methods: 'strings',
      second_authentication_method: 'string',
    },
    example: JSON.stringify(applicationsOf(['password'])),
    get: ({ account }) => JSON.stringify(applicationsOf(account.value.authenticationMethods)),
  },
  locked: {
    type: 'boolean',
    description: 'Whether nobody can log in with it.',
    writable: written,
    example: false,
    get: ({ account }) => account.value.isLocked,
  },
  comment: {
    type: 'string',
    description: 'Whatever people want to know of it, up to 255 characters.',
    writable: written,
    example: 'of the night shift',
    get: ({ account }) => account.value.comment,
  },
  password: {
    type: 'string',
    description: 'The password, 8 to 128 characters without the name in them. Never shown.',
    writable: written,
    isRequired: true,
  },
};
