import type { Command } from '../command.ts';
import type { Directory, DirectoryField } from '../directory/directory.ts';
import { createCommand, deleteCommand, modifyCommand, showCommand } from '../directory/verbs.ts';
import { vservers } from './vserver-field.ts';

/** How ONTAP's commands call the ways to log in. */
const methodWords = { password: 'password', certificate: 'cert' } as const;

/** The keys of an account: whose it is, and its name. */
export const accountKeys: readonly DirectoryField[] = [
  {
    name: 'vserver',
    field: 'owner.name',
    label: 'Vserver',
    heading: ['Vserver'],
    format: 'text',
    value: { kind: 'text', placeholder: 'vserver name' },
    help: 'SVM whose account it is, or the name of the cluster',
    isKey: true,
    create: 'optional',
    fallback: 'the cluster',
    source: vservers,
  },
  {
    name: 'user-or-group-name',
    aliases: ['username', 'user-name'],
    field: 'name',
    label: 'User Name or Group Name',
    heading: ['User/Group', 'Name'],
    format: 'text',
    value: { kind: 'text', placeholder: 'text' },
    help: 'Name of the account; -user is who asks',
    isKey: true,
    create: 'required',
    source: { path: '/security/accounts', field: 'name' },
    mistaken: 'user',
  },
];

const directory: Directory = {
  words: ['security', 'login'],
  noun: ['account', 'accounts'],
  path: '/security/accounts',
  pathKeys: ['owner.uuid', 'name'],
  fields: [
    ...accountKeys,
    {
      name: 'application',
      field: 'applications',
      queryField: 'applications.application',
      isSelector: true,
      label: 'Application',
      heading: ['Application'],
      format: 'list',
      value: { kind: 'choice', choices: ['http'] },
      help: 'What it may be used for: http is the one there is, and what it gets anyway',
      shown: (applications) => membersOf(applications, 'application'),
      create: 'optional',
      fallback: 'http',
      toWire: () => applicationsOf(methodWords.password),
    },
    {
      name: 'authentication-method',
      field: 'applications',
      queryField: 'applications.authentication_methods',
      label: 'Authentication Method',
      heading: ['Authentication', 'Method'],
      format: 'list',
      value: { kind: 'list', placeholder: 'method', choices: Object.values(methodWords) },
      help: 'How it logs in: by password, by client certificate (cert), or by either',
      words: methodWords,
      shown: (applications) => membersOf(applications, 'authentication_methods'),
      create: 'optional',
      isModifiable: true,
      fallback: 'password',
      toWire: applicationsOf,
    },
    {
      name: 'role',
      field: 'role.name',
      label: 'Role Name',
      heading: ['Role Name'],
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'What it may do: admin, readonly, none; of an SVM vsadmin, vsadmin-readonly; or a role of "security login rest-role"',
      create: 'optional',
      isModifiable: true,
      fallback: 'admin, or vsadmin of an SVM',
      source: { path: '/security/roles', field: 'name' },
    },
    {
      name: 'is-account-locked',
      field: 'locked',
      label: 'Account Locked',
      heading: ['Acct', 'Locked'],
      format: 'boolean',
      words: { true: 'yes', false: 'no' },
      value: { kind: 'boolean' },
      help: 'Whether nobody can log in with it',
    },
    {
      name: 'comment',
      field: 'comment',
      label: 'Comment Text',
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'Whatever people want to know of it, up to 255 characters',
      create: 'optional',
      isModifiable: true,
    },
    {
      name: 'password',
      field: 'password',
      label: 'Password',
      format: 'text',
      value: { kind: 'secret', isNew: true },
      help: 'Password, 8 to 128 characters',
      create: 'optional',
      isWriteOnly: true,
      fallback: 'asked for where the account is to log in by password',
      isAskedFor: (given) =>
        !given.has('authentication-method') || given.list('authentication-method').includes('password'),
    },
  ],
  verbs: {
    show: {
      description: [
        'Shows who may log in, how, and with which role. Accounts of an SVM see and touch what is theirs alone.',
      ],
      examples: [
        { line: 'security login show', explains: 'All accounts' },
        {
          line: 'security login show -vserver svm1 -is-account-locked true',
          explains: 'Those of svm1 that are locked',
        },
      ],
    },
    create: {
      description: [
        'Creates an account of the cluster or of an SVM. Its password is asked for, or read from a file; it is never in the command line.',
      ],
      examples: [
        {
          line: 'security login create -user-or-group-name keeper -role readonly',
          explains: 'An account of the cluster that may look; asks for the password',
        },
        {
          line: 'security login create -vserver svm1 -user-or-group-name coast -authentication-method cert',
          explains: 'An account of svm1 that logs in by client certificate',
        },
      ],
    },
    modify: {
      description: [
        'Changes the role, how the account logs in, or its comment. For its password there is "security login password".',
      ],
      examples: [
        { line: 'security login modify -user-or-group-name keeper -role admin', explains: 'Another role' },
      ],
    },
    delete: {
      description: ['Deletes an account. The last one that may do everything is kept.'],
      examples: [
        { line: 'security login delete -user-or-group-name keeper', explains: 'The account keeper' },
      ],
    },
  },
};

/** What the `applications` of an account, as ONTAP's API has them, say under this name, each once. */
function membersOf(applications: unknown, name: string): readonly unknown[] {
  const each: readonly unknown[] = Array.isArray(applications) ? applications : [];
  return [...new Set(each.flatMap((application): readonly unknown[] => [Object(application)[name]].flat()))];
}

function applicationsOf(text: string): unknown {
  const methods = text
    .split(',')
    .map((method) => (method === methodWords.certificate ? 'certificate' : method));
  return [{ application: 'http', authentication_methods: methods }];
}

/** `security login show`. */
export const show: Command = showCommand(directory);
/** `security login create`. */
export const create: Command = createCommand(directory);
/** `security login modify`. */
export const modify: Command = modifyCommand(directory);
/** `security login delete`. */
export const remove: Command = deleteCommand(directory);
