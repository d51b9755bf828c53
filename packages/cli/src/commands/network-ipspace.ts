import type { Command } from '../command.ts';
import type { Directory } from '../directory/directory.ts';
import { createCommand, deleteCommand, showCommand } from '../directory/verbs.ts';

const directory: Directory = {
  words: ['network', 'ipspace'],
  noun: ['IPspace', 'IPspaces'],
  path: '/network/ipspaces',
  fields: [
    {
      name: 'ipspace',
      field: 'name',
      label: 'IPspace Name',
      heading: ['IPspace'],
      format: 'text',
      value: { kind: 'text', placeholder: 'IPspace' },
      help: 'Name of the IPspace, which is that of the network namespace',
      isKey: true,
      create: 'required',
      source: { path: '/network/ipspaces', field: 'name' },
    },
    {
      name: 'uuid',
      field: 'uuid',
      label: 'UUID',
      heading: ['UUID'],
      format: 'text',
      value: { kind: 'text', placeholder: 'UUID' },
      help: 'Its UUID in the API',
    },
  ],
  verbs: {
    show: {
      description: [
        'An IPspace is a routing domain with addresses of its own: the Linux network namespace of that name. Default is the host itself.',
      ],
      examples: [{ line: 'network ipspace show', explains: 'All IPspaces' }],
    },
    create: {
      description: [
        'Tells Esplanade of a network namespace. Making that, its addresses, and running a charon in it, is for you to do; until then its policies are pending.',
      ],
      examples: [{ line: 'network ipspace create -ipspace tenant1', explains: 'For the namespace tenant1' }],
    },
    delete: {
      description: [
        'Deletes an IPspace that no SVM, interface or policy is in. The network namespace stays.',
      ],
      examples: [{ line: 'network ipspace delete -ipspace tenant1', explains: 'The IPspace tenant1' }],
    },
  },
};

/** `network ipspace show`. */
export const show: Command = showCommand(directory);
/** `network ipspace create`. */
export const create: Command = createCommand(directory);
/** `network ipspace delete`. */
export const remove: Command = deleteCommand(directory);
