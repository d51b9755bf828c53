import type { Api } from '@esplanade/sdk';
import type { Arguments, Command, Parameter } from '../command.ts';
import type { Directory, DirectoryField } from '../directory/directory.ts';
import { showCommand } from '../directory/verbs.ts';
import { exitStatus } from '../exit-status.ts';
import { keyParameters, namedRecord } from './named-record.ts';
import { vservers } from './vserver-field.ts';

const path = '/security/roles';
const levels = ['none', 'readonly', 'read_create', 'read_modify', 'read_create_modify', 'all'] as const;

const keys: readonly DirectoryField[] = [
  {
    name: 'vserver',
    field: 'owner.name',
    label: 'Vserver',
    heading: ['Vserver'],
    format: 'text',
    value: { kind: 'text', placeholder: 'vserver name' },
    help: 'SVM whose role it is, or the name of the cluster',
    isKey: true,
    source: vservers,
  },
  {
    name: 'role',
    field: 'name',
    label: 'Role Name',
    heading: ['Role', 'Name'],
    format: 'text',
    value: { kind: 'text', placeholder: 'text' },
    help: 'Name of the role',
    isKey: true,
    create: 'required',
    source: { path, field: 'name' },
  },
];

const directory: Directory = {
  words: ['security', 'login', 'rest-role'],
  noun: ['role', 'roles'],
  path,
  pathKeys: ['owner.uuid', 'name'],
  fields: [
    ...keys,
    {
      name: 'builtin',
      field: 'builtin',
      label: 'Built In',
      heading: ['Built', 'In'],
      format: 'boolean',
      value: { kind: 'boolean' },
      help: 'Whether it is always there and stays as it is',
    },
    {
      name: 'privileges',
      field: 'privileges',
      queryField: 'privileges.path',
      label: 'API and Access Level',
      heading: ['API and Access Level'],
      format: 'list',
      shown: (privileges) => [privileges].flat().map((each) => `${Object(each).path} ${Object(each).access}`),
      value: { kind: 'text', placeholder: 'text' },
      help: 'What its accounts may do with which paths, by which it is asked about; the longest path decides',
    },
  ],
  verbs: {
    show: {
      description: [
        'Shows what accounts may do, by path of the API and access level. Those that are built in stay as they are.',
      ],
      examples: [
        { line: 'security login rest-role show', explains: 'All of them' },
        { line: 'security login rest-role show -role certifier', explains: 'One' },
      ],
    },
  },
};

const apiParameter: Parameter = {
  name: 'api',
  value: { kind: 'text', placeholder: 'path' },
  help: 'A path of the API, or the beginning of several; * stands for any key in it',
  target: 'path',
};

const accessParameter: Parameter = {
  name: 'access',
  value: { kind: 'choice', choices: levels },
  help: 'What may be done with it',
  target: 'access',
};

/** `security login rest-role show`. */
export const show: Command = showCommand(directory);

/** `security login rest-role create`: a role with its first privilege, or one more of a role that is there. */
export const create: Command = {
  description: [
    'Lets accounts with a role do something with paths of the API. A role that is not there yet is created with that. Nobody gives what he has not himself.',
  ],
  parameters: [
    ...keyParameters(keys),
    { ...apiParameter, isRequired: true, isPositional: true },
    { ...accessParameter, fallback: 'all' },
  ],
  examples: [
    {
      line: 'security login rest-role create -role certifier -api /api/security/certificates -access read_create',
      explains: 'A role of the cluster that may install certificates',
    },
    {
      line: 'security login rest-role create -role certifier -api /api/security/ipsec -access readonly',
      explains: 'One more privilege of that role',
    },
    {
      line: 'security login rest-role create -vserver svm1 -role observer -api /api/security/ipsec -access readonly',
      explains: 'A role of svm1',
    },
  ],
  run: async (given, { api: connect, output, signal }) => {
    const api = await connect();
    const name = given.text('role') ?? '';
    const owner = given.text('vserver');
    const privilege = { path: given.text('api') ?? '', access: given.text('access') ?? 'all' };
    const roles = api.collection(path).where('name', '=', name);
    const owned =
      owner === undefined ? roles.where('scope', '=', 'cluster') : roles.where('owner.name', '=', owner);
    const [role] = await owned.toArray({ signal });
    if (role === undefined) {
      const body = { name, privileges: [privilege], ...(owner !== undefined && { owner: { name: owner } }) };
      await api.collection(path).create(body, { signal });
      output.say(`The role "${name}" was created.`);
    } else {
      await privilegesOf(api, role).create(privilege, { signal });
      output.say(`The role "${name}" has one privilege more.`);
    }
    return exitStatus.done;
  },
};

/** `security login rest-role modify`. */
export const modify: Command = {
  description: ['Changes what accounts with a role may do with a path that it names.'],
  parameters: [
    ...keyParameters(keys),
    { ...apiParameter, isRequired: true, isPositional: true },
    { ...accessParameter, isRequired: true },
  ],
  examples: [
    {
      line: 'security login rest-role modify -role certifier -api /api/security/certificates -access all',
      explains: 'May delete them too',
    },
  ],
  run: async (given, { api: connect, output, signal }) => {
    const api = await connect();
    const role = await namedRole(api, given, signal);
    await privilegesOf(api, role).modify(
      given.text('api') ?? '',
      { access: given.text('access') ?? '' },
      { signal },
    );
    output.say(`The role "${given.text('role')}" was modified.`);
    return exitStatus.done;
  },
};

/** `security login rest-role delete`: a privilege, or the whole role. */
export const remove: Command = {
  description: [
    'Takes a privilege from a role. Without -api the whole role is deleted, which no account may have any more.',
  ],
  parameters: [...keyParameters(keys), { ...apiParameter, isPositional: true, fallback: 'the whole role' }],
  examples: [
    {
      line: 'security login rest-role delete -role certifier -api /api/security/ipsec',
      explains: 'One privilege of it',
    },
    { line: 'security login rest-role delete -role certifier', explains: 'The role' },
  ],
  run: async (given, { api: connect, output, signal }) => {
    const api = await connect();
    const role = await namedRole(api, given, signal);
    const privilege = given.text('api');
    if (privilege === undefined) {
      await api.collection(path).delete(keyOf(role), { signal });
      output.say(`The role "${given.text('role')}" was deleted.`);
    } else {
      await privilegesOf(api, role).delete(privilege, { signal });
      output.say(`The role "${given.text('role')}" has one privilege less.`);
    }
    return exitStatus.done;
  },
};

type Role = Awaited<ReturnType<typeof namedRole>>;

function namedRole(api: Api, given: Arguments, signal: AbortSignal) {
  return namedRecord(api, { path, keys, noun: 'role', fields: ['owner.uuid', 'name'] }, given, signal);
}

function keyOf(role: Role): readonly [string, string] {
  return [String(Object(role['owner']).uuid), String(role['name'])];
}

function privilegesOf(api: Api, role: Role) {
  return api.collection('/security/roles/{owner.uuid}/{name}/privileges', ...keyOf(role));
}
