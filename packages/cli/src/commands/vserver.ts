import type { Command } from '../command.ts';
import type { Directory } from '../directory/directory.ts';
import { createCommand, deleteCommand, modifyCommand, showCommand } from '../directory/verbs.ts';
import { renameCommand } from './rename.ts';
import { vservers } from './vserver-field.ts';

const directory: Directory = {
  words: ['vserver'],
  noun: ['Vserver', 'Vservers'],
  path: '/svm/svms',
  fields: [
    {
      name: 'vserver',
      field: 'name',
      label: 'Vserver',
      heading: ['Vserver'],
      format: 'text',
      value: { kind: 'text', placeholder: 'vserver name' },
      help: 'Name of the SVM',
      isKey: true,
      create: 'required',
      source: vservers,
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
      name: 'operational-state',
      field: 'state',
      label: 'Vserver Operational State',
      heading: ['Operational', 'State'],
      format: 'keyword',
      value: { kind: 'text', placeholder: 'state' },
      help: 'Whether it is there for its clients',
    },
    {
      name: 'ipspace',
      field: 'ipspace.name',
      label: 'IPspace Name',
      heading: ['IPspace'],
      format: 'text',
      value: { kind: 'text', placeholder: 'IPspace' },
      help: 'IPspace that it is in, and stays in',
      create: 'optional',
      fallback: 'Default',
      source: { path: '/network/ipspaces', field: 'name' },
    },
    {
      name: 'comment',
      field: 'comment',
      label: 'Comment',
      heading: ['Comment'],
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'Whatever people want to know of it, up to 255 characters',
      create: 'optional',
      isModifiable: true,
    },
    {
      name: 'uuid',
      field: 'uuid',
      label: 'Vserver UUID',
      format: 'text',
      value: { kind: 'text', placeholder: 'UUID' },
      help: 'Its UUID in the API',
    },
  ],
  verbs: {
    show: {
      description: [
        'An SVM (Vserver) is a tenant: it is in one IPspace, owns addresses, policies and certificates, and may have accounts of its own that see nothing else.',
      ],
      examples: [
        { line: 'vserver show', explains: 'All SVMs' },
        {
          line: 'vserver show -ipspace tenant1 -fields comment',
          explains: 'Those of one IPspace, with comments',
        },
      ],
    },
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
      examples: [{ line: 'vserver delete -vserver svm2', explains: 'The SVM svm2' }],
    },
  },
};

/** `vserver show`. */
export const show: Command = showCommand(directory);
/** `vserver create`. */
export const create: Command = createCommand(directory);
/** `vserver modify`. */
export const modify: Command = modifyCommand(directory);
/** `vserver delete`. */
export const remove: Command = deleteCommand(directory);
/** `vserver rename`. */
export const rename: Command = renameCommand(directory, {
  description: ['Gives an SVM another name. Its accounts log in under the new one from then on.'],
  examples: [{ line: 'vserver rename -vserver svm2 -newname floor1', explains: 'svm2 becomes floor1' }],
});
