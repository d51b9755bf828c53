import type { Command } from '../command.ts';
import type { Directory, DirectoryField } from '../directory/directory.ts';
import { createCommand, deleteCommand, modifyCommand, showCommand } from '../directory/verbs.ts';
import { renameCommand } from './rename.ts';
import { vservers } from './vserver-field.ts';

const name = {
  name: 'vserver',
  label: 'Vserver',
  heading: ['Vserver'],
  format: 'text',
  value: { kind: 'text', placeholder: 'vserver name' },
  isKey: true,
} as const;
const ipspace = {
  name: 'ipspace',
  label: 'IPspace Name',
  heading: ['IPspace'],
  format: 'text',
  value: { kind: 'text', placeholder: 'IPspace' },
  source: { path: '/network/ipspaces', field: 'name' },
} as const;
const comment: DirectoryField = {
  name: 'comment',
  field: 'comment',
  label: 'Comment',
  heading: ['Comment'],
  format: 'text',
  value: { kind: 'text', placeholder: 'text' },
  help: 'Whatever people want to know of it, up to 255 characters',
  create: 'optional',
  isModifiable: true,
};
const uuid: DirectoryField = {
  name: 'uuid',
  field: 'uuid',
  label: 'Vserver UUID',
  format: 'text',
  value: { kind: 'text', placeholder: 'UUID' },
  help: 'Its UUID in the API',
};

/** What there is: only the private CLI has the cluster too, as ONTAP's `vserver show`. */
const listing: Directory = {
  words: ['vserver'],
  noun: ['Vserver', 'Vservers'],
  path: '/private/cli/vserver',
  fields: [
    { ...name, field: 'vserver', help: 'Name of the SVM, or of the cluster' },
    {
      name: 'type',
      field: 'type',
      label: 'Vserver Type',
      heading: ['Type'],
      format: 'keyword',
      value: { kind: 'choice', choices: ['admin', 'data', 'node', 'system'] },
      help: 'admin is the cluster itself, data an SVM; node and system are in ONTAP only',
    },
    {
      name: 'subtype',
      field: 'subtype',
      label: 'Vserver Subtype',
      heading: ['Subtype'],
      format: 'keyword',
      value: { kind: 'text', placeholder: 'subtype' },
      help: 'Kind of SVM',
    },
    {
      name: 'admin-state',
      field: 'admin_state',
      label: 'Vserver Admin State',
      heading: ['Admin', 'State'],
      format: 'keyword',
      value: { kind: 'text', placeholder: 'state' },
      help: 'What it is told to do',
    },
    {
      name: 'operational-state',
      field: 'operational_state',
      label: 'Vserver Operational State',
      heading: ['Operational', 'State'],
      format: 'keyword',
      value: { kind: 'text', placeholder: 'state' },
      help: 'Whether it is there for its clients',
    },
    { ...ipspace, field: 'ipspace', help: 'IPspace that it is in' },
    comment,
    uuid,
  ],
  verbs: {
    show: {
      description: [
        "An SVM (Vserver) is a tenant: it is in one IPspace, owns addresses, policies and certificates, and may have accounts of its own that see nothing else. What belongs to none of them is the cluster's, of the type admin.",
      ],
      examples: [
        { line: 'vserver show', explains: 'The cluster, and all SVMs' },
        { line: 'vserver show -type data', explains: 'The SVMs' },
        {
          line: 'vserver show -ipspace tenant1 -fields comment',
          explains: 'Those of one IPspace, with comments',
        },
      ],
    },
  },
};

const directory: Directory = {
  words: ['vserver'],
  noun: ['Vserver', 'Vservers'],
  path: '/svm/svms',
  fields: [
    { ...name, field: 'name', help: 'Name of the SVM', isSvm: true, create: 'required', source: vservers },
    {
      ...ipspace,
      field: 'ipspace.name',
      help: 'IPspace that it is in, and stays in',
      create: 'optional',
      fallback: 'Default',
    },
    comment,
    uuid,
  ],
  verbs: {
    create: {
      description: [
        'Creates an SVM in an IPspace. It has no addresses: give it some with "network interface create".',
      ],
      examples: [
        { line: 'vserver create -vserver svm2', explains: 'In the IPspace Default' },
        {
          line: 'vserver create -vserver svm3 -ipspace tenant1 -comment "second floor"',
          explains: 'In another IPspace',
        },
      ],
    },
    modify: {
      description: ['Changes what is kept of an SVM. For another name there is "vserver rename".'],
      examples: [
        { line: 'vserver modify -vserver svm2 -comment "first floor"', explains: 'Another comment' },
      ],
    },
    delete: {
      description: [
        'Deletes an SVM that has nothing left: no interfaces, policies, certificates or accounts.',
      ],
      examples: [{ line: 'vserver delete -vserver floor2', explains: 'The SVM floor2' }],
    },
  },
};

/** `vserver show`. */
export const show: Command = showCommand(listing);
/** `vserver create`. */
export const create: Command = createCommand(directory);
/** `vserver modify`. */
export const modify: Command = modifyCommand(directory);
/** `vserver delete`. */
export const remove: Command = deleteCommand(directory);
/** `vserver rename`. */
export const rename: Command = renameCommand(directory, {
  description: ['Gives an SVM another name. Its accounts log in under the new one from then on.'],
  examples: [{ line: 'vserver rename -vserver svm3 -newname floor2', explains: 'svm3 becomes floor2' }],
});
