import type { Command } from '../command.ts';
import type { Directory } from '../directory/directory.ts';
import { showCommand } from '../directory/verbs.ts';

const peers: Directory = {
  words: ['simulator', 'peer'],
  noun: ['peer', 'peers'],
  path: '/esplanade/v1/simulator/peers',
  fields: [
    {
      name: 'ipspace',
      field: 'ipspace.name',
      label: 'IPspace',
      heading: ['IPspace'],
      format: 'text',
      value: { kind: 'text', placeholder: 'IPspace' },
      help: 'IPspace in which it is',
      isKey: true,
      source: { path: '/network/ipspaces', field: 'name' },
    },
    {
      name: 'remote-address',
      field: 'remote_address',
      label: 'Remote Address',
      heading: ['Remote', 'Address'],
      format: 'text',
      value: { kind: 'text', placeholder: 'ADDRESS' },
      help: 'Address of the peer',
      isKey: true,
    },
    {
      name: 'ike-sas',
      field: 'ike_sas.count',
      label: 'IKE SAs',
      heading: ['IKE', 'SAs'],
      format: 'count',
      value: { kind: 'integer', placeholder: 'NUMBER' },
      help: 'How many IKE SAs there are with it',
    },
    {
      name: 'child-sas',
      field: 'child_sas.count',
      label: 'CHILD SAs',
      heading: ['CHILD', 'SAs'],
      format: 'count',
      value: { kind: 'integer', placeholder: 'NUMBER' },
      help: 'How many CHILD SAs there are with it',
    },
    {
      name: 'fault',
      field: 'fault',
      label: 'Fault',
      heading: ['Fault'],
      format: 'keyword',
      words: { authentication_failed: 'authentication-failed', no_proposal: 'no-proposal' },
      value: { kind: 'choice', choices: ['unreachable', 'authentication-failed', 'no-proposal'] },
      help: 'What is wrong with it on purpose',
    },
  ],
  verbs: {
    show: {
      description: ['Shows the hosts that policies are about one by one, and those with SAs.'],
      examples: [
        { line: 'simulator peer show', explains: 'All of them' },
        { line: 'simulator peer show -child-sas 0', explains: 'Those without an SA' },
      ],
    },
  },
};

/** `simulator peer show`. */
export const show: Command = showCommand(peers);
