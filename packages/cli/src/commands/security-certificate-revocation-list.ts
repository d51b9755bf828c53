import type { Command } from '../command.ts';
import type { Directory, DirectoryField } from '../directory/directory.ts';
import { deleteCommand, modifyCommand, showCommand } from '../directory/verbs.ts';
import { exitStatus } from '../exit-status.ts';
import { keyParameters, namedRecord } from './named-record.ts';
import { ownerField } from './vserver-field.ts';

const directory: Directory = {
  words: ['security', 'certificate', 'revocation-list'],
  noun: ['revocation list', 'revocation lists'],
  path: '/esplanade/v1/certificate-revocation-lists',
  pathKeys: ['certificate.uuid'],
  fields: [
    ownerField,
    {
      name: 'cert-name',
      aliases: ['name'],
      field: 'certificate.name',
      label: 'Certificate Name',
      heading: ['Certificate Name'],
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'Name of the certificate of the CA that issues the list',
      isKey: true,
      source: { path: '/security/certificates', field: 'name' },
    },
    {
      name: 'state',
      field: 'state',
      label: 'State',
      heading: ['State'],
      format: 'keyword',
      value: { kind: 'choice', choices: ['current', 'outdated', 'missing'] },
      help: 'Whether it is the newest there should be',
    },
    {
      name: 'entries',
      field: 'entries',
      label: 'Revoked Certificates',
      heading: ['Revoked'],
      format: 'count',
      value: { kind: 'integer', placeholder: 'integer' },
      help: 'How many certificates it revokes',
    },
    {
      name: 'next-update',
      field: 'next_update',
      label: 'Next Update',
      heading: ['Next Update'],
      format: 'time',
      value: { kind: 'text', placeholder: 'time' },
      help: 'When the next one is due at the latest',
    },
    {
      name: 'crl-url',
      field: 'url',
      label: 'URL',
      heading: ['URL'],
      format: 'text',
      value: { kind: 'text', placeholder: 'URL' },
      help: 'Where it is fetched from, at once and well before the next one is due',
      isModifiable: true,
    },
    {
      name: 'this-update',
      field: 'this_update',
      label: 'This Update',
      format: 'time',
      value: { kind: 'text', placeholder: 'time' },
      help: 'When it was issued',
    },
    {
      name: 'last-fetch',
      field: 'last_fetch.time',
      label: 'Last Fetch',
      format: 'time',
      value: { kind: 'text', placeholder: 'time' },
      help: 'When it was last tried to fetch it',
    },
    {
      name: 'last-fetch-error',
      field: 'last_fetch.error',
      label: 'Last Fetch Error',
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'Why nothing came of that',
    },
    {
      name: 'crl',
      field: 'crl',
      label: 'List',
      format: 'text',
      value: { kind: 'file', placeholder: 'FILE' },
      help: 'The list itself, a file in PEM or base64 of DER (- is standard input)',
      isModifiable: true,
      isWriteOnly: true,
    },
  ],
  verbs: {
    show: {
      description: [
        'Shows which certificates of which CAs are revoked, and how fresh that is. Not on ONTAP.',
      ],
      examples: [
        { line: 'security certificate revocation-list show', explains: 'All of them' },
        {
          line: "security certificate revocation-list show -state '!current' -fields last-fetch-error",
          explains: 'Those that are not fresh, and why',
        },
      ],
    },
    modify: {
      description: [
        'Gives a CA a newer list, or another place to fetch it from. The same URL again fetches it at once.',
      ],
      examples: [
        {
          line: 'security certificate revocation-list modify -vserver svm1 -cert-name coast-ca -crl ca.crl',
          explains: 'The next list',
        },
      ],
    },
    delete: {
      description: ['Forgets a list. strongSwan keeps what it has until it is started anew.'],
      examples: [
        {
          line: 'security certificate revocation-list delete -vserver svm1 -cert-name coast-ca',
          explains: 'That of one CA',
        },
      ],
    },
  },
};

/** `security certificate revocation-list show`. */
export const show: Command = showCommand(directory);
/** `security certificate revocation-list modify`. */
export const modify: Command = modifyCommand(directory);
/** `security certificate revocation-list delete`. */
export const remove: Command = deleteCommand(directory);

const certificateKeys: readonly DirectoryField[] = [
  {
    name: 'cert-name',
    aliases: ['name'],
    field: 'name',
    label: 'Certificate Name',
    format: 'text',
    value: { kind: 'text', placeholder: 'text' },
    help: 'Name of the certificate of the CA that issues the list',
    create: 'required',
    source: { path: '/security/certificates', field: 'name' },
  },
  {
    ...ownerField,
    help: 'SVM of that certificate, where several have one of that name; or the name of the cluster',
  },
];

/** `security certificate revocation-list create`. */
export const create: Command = {
  description: [
    'Says which certificates of a CA are revoked: with a list from a file, or with a place to fetch lists from. It is for policies of the owner of that CA.',
  ],
  parameters: [
    ...keyParameters(certificateKeys),
    {
      name: 'crl-url',
      value: { kind: 'text', placeholder: 'URL' },
      help: 'Where it is fetched from, at once and well before the next one is due',
      target: 'url',
    },
    {
      name: 'crl',
      value: { kind: 'file', placeholder: 'FILE' },
      help: 'The list itself, a file in PEM or base64 of DER (- is standard input)',
      target: 'crl',
    },
  ],
  examples: [
    {
      line: 'security certificate revocation-list create -vserver svm1 -cert-name coast-ca -crl-url http://pki.example.org/ca.crl',
      explains: 'Fetched, and kept fresh',
    },
  ],
  run: async (given, { api: connect, output, signal }) => {
    const api = await connect();
    const wanted = {
      path: '/security/certificates',
      keys: certificateKeys,
      noun: 'certificate',
      fields: ['uuid'],
    } as const;
    const { uuid } = await namedRecord(api, wanted, given, signal);
    const url = given.text('crl-url');
    const crl = given.text('crl');
    const body = {
      certificate: { uuid },
      ...(url !== undefined && { url }),
      ...(crl !== undefined && { crl }),
    };
    const created = await api.collection(directory.path).create(body, { signal });
    if (output.isExact && created !== undefined)
      await output.list({ columns: directory.fields, records: [created], isSingle: true });
    output.say(`The revocation list of "${given.text('cert-name')}" was created.`);
    return exitStatus.done;
  },
};
