import type { Command } from '../command.ts';
import type { Directory } from '../directory/directory.ts';
import { showCommand } from '../directory/verbs.ts';
import { ipspaceField, peerFaultKinds, remoteAddressField } from './simulator-fields.ts';

const peers: Directory = {
  words: ['simulator', 'peer'],
  noun: ['peer', 'peers'],
  path: '/esplanade/v1/simulator/peers',
  fields: [
    ipspaceField,
    { ...remoteAddressField, isKey: true },
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
      ...peerFaultKinds,
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
