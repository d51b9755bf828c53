import type { Command } from '../command.ts';
import type { Directory } from '../directory/directory.ts';
import { createCommand, deleteCommand, modifyCommand, showCommand } from '../directory/verbs.ts';
import { renameCommand } from './rename.ts';
import { ownerField } from './vserver-field.ts';

const directory: Directory = {
  words: ['network', 'interface'],
  noun: ['interface', 'interfaces'],
  path: '/network/ip/interfaces',
  fields: [
    {
      ...ownerField,
      help: 'SVM that owns the address, or the name of the cluster',
      create: 'optional',
      fallback: 'the only SVM, where there is one; none with -ipspace',
    },
    {
      name: 'lif',
      field: 'name',
      label: 'Logical Interface Name',
      heading: ['Logical', 'Interface'],
      format: 'text',
      value: { kind: 'text', placeholder: 'lif name' },
      help: 'Name of the interface, unique in its SVM or IPspace',
      isKey: true,
      create: 'required',
      source: { path: '/network/ip/interfaces', field: 'name' },
    },
    {
      name: 'status-admin',
      field: 'enabled',
      label: 'Administrative Status',
      heading: ['Status', 'Admin'],
      format: 'boolean',
      words: { true: 'up', false: 'down' },
      value: { kind: 'choice', choices: ['up', 'down'] },
      help: 'Whether accounts of the SVM may use the address in policies',
      create: 'optional',
      isModifiable: true,
      fallback: 'up',
    },
    {
      name: 'address',
      field: 'ip.address',
      label: 'Network Address',
      heading: ['Network', 'Address'],
      format: 'text',
      value: { kind: 'text', placeholder: 'IP address' },
      help: 'The address, unique in its IPspace',
      create: 'required',
      isModifiable: true,
    },
    {
      name: 'netmask-length',
      aliases: ['netmask'],
      field: 'ip.netmask',
      label: 'Bits in the Netmask',
      heading: ['Netmask', 'Length'],
      format: 'integer',
      value: { kind: 'text', placeholder: 'bits or mask' },
      help: 'Prefix length of its subnet; an IPv4 mask is taken too',
      create: 'optional',
      isModifiable: true,
      fallback: 'the one address',
    },
    {
      name: 'ipspace',
      field: 'ipspace.name',
      label: 'IPspace of LIF',
      heading: ['IPspace'],
      format: 'text',
      value: { kind: 'text', placeholder: 'IPspace' },
      help: 'IPspace of the address; given without -vserver the address belongs to no SVM',
      create: 'optional',
      fallback: 'that of the SVM',
      source: { path: '/network/ipspaces', field: 'name' },
    },
    {
      name: 'address-family',
      field: 'ip.family',
      label: 'Address Family',
      format: 'keyword',
      value: { kind: 'choice', choices: ['ipv4', 'ipv6'] },
      help: 'Family of the address',
    },
    {
      name: 'uuid',
      field: 'uuid',
      label: 'UUID',
      format: 'text',
      value: { kind: 'text', placeholder: 'UUID' },
      help: 'Its UUID in the API',
    },
  ],
  verbs: {
    show: {
      description: [
        'Interfaces (LIFs) say which addresses an SVM owns: its accounts may write policies on these alone. Nothing is configured on the host.',
      ],
      examples: [
        { line: 'network interface show -vserver svm1', explains: 'The addresses of svm1' },
        { line: "network interface show -address '192.0.2.*'", explains: 'By address' },
      ],
    },
    create: {
      description: [
        'Says that an address belongs to an SVM, or to an IPspace and no SVM. It is for you to configure it on the host.',
      ],
      examples: [
        {
          line: 'network interface create -vserver svm1 -lif lif1 -address 192.0.2.1 -netmask-length 24',
          explains: 'An address of svm1',
        },
      ],
    },
    modify: {
      description: [
        'Changes the address, its netmask, or whether it may be used. Policies stay as they are.',
      ],
      examples: [
        {
          line: 'network interface modify -vserver svm1 -lif lif1 -status-admin down',
          explains: 'No new policies on it for accounts of svm1',
        },
      ],
    },
    delete: {
      description: ['Forgets whose address it is. Policies stay as they are, and so does the host.'],
      examples: [
        { line: 'network interface delete -vserver svm1 -lif nfs1', explains: 'The interface nfs1' },
      ],
    },
  },
};

/** `network interface show`. */
export const show: Command = showCommand(directory);
/** `network interface create`. */
export const create: Command = createCommand(directory);
/** `network interface modify`. */
export const modify: Command = modifyCommand(directory);
/** `network interface delete`. */
export const remove: Command = deleteCommand(directory);
/** `network interface rename`. */
export const rename: Command = renameCommand(directory, {
  description: ['Gives an interface another name.'],
  examples: [
    { line: 'network interface rename -vserver svm1 -lif lif1 -newname nfs1', explains: 'lif1 becomes nfs1' },
  ],
});
