import type { Command } from '../command.ts';
import type { Directory } from '../directory/directory.ts';
import { createCommand, deleteCommand, showCommand } from '../directory/verbs.ts';
import { faultKinds, ipspaceField, remoteAddressField } from './simulator-fields.ts';

const faults: Directory = {
  words: ['simulator', 'fault'],
  noun: ['fault', 'faults'],
  path: '/esplanade/v1/simulator/faults',
  fields: [
    {
      name: 'kind',
      field: 'kind',
      label: 'Kind',
      heading: ['Kind'],
      ...faultKinds,
      help: 'What goes wrong',
      isKey: true,
      create: 'required',
    },
    { ...ipspaceField, create: 'optional', fallback: 'Default' },
    {
      ...remoteAddressField,
      help: 'Peer that does not answer, refuses us, or takes no proposal; all without it',
      create: 'optional',
      fallback: 'every peer',
    },
    {
      name: 'policy-name',
      field: 'policy.name',
      label: 'Policy Name',
      heading: ['Policy', 'Name'],
      format: 'text',
      value: { kind: 'text', placeholder: 'NAME' },
      help: 'Policy that is refused; all without it',
      create: 'optional',
      fallback: 'every policy',
      source: { path: '/security/ipsec/policies', field: 'name' },
    },
    {
      name: 'vserver',
      field: 'svm.name',
      label: 'Vserver',
      format: 'text',
      value: { kind: 'text', placeholder: 'vserver name' },
      help: 'SVM of that policy, or the cluster, where several have one of that name',
      create: 'optional',
      source: { path: '/security/ipsec/policies', field: 'svm.name' },
    },
    {
      name: 'uuid',
      field: 'uuid',
      label: 'UUID',
      format: 'text',
      value: { kind: 'text', placeholder: 'UUID' },
      help: 'Its UUID in the API',
      isKey: true,
    },
  ],
  verbs: {
    show: {
      description: ['Shows the faults that were made in the simulator and still go on.'],
      examples: [{ line: 'simulator fault show', explains: 'All of them' }],
    },
    create: {
      description: [
        'Lets something go wrong in the simulator until the fault is deleted, or the simulator reset. With unreachable, authentication-failed and no-proposal no SA comes up with a peer, and those that are up stay. daemon-down takes everything down; hang lets every change wait; refuse keeps policies out of the datapath.',
      ],
      examples: [
        {
          line: 'simulator fault create unreachable -remote-address 192.0.2.2',
          explains: 'No SA comes up with that host',
        },
        { line: 'simulator fault create daemon-down', explains: 'As when charon has died' },
      ],
    },
    delete: {
      description: ['Ends faults. SAs that they kept from coming up are tried again.'],
      examples: [
        { line: 'simulator fault delete unreachable', explains: 'That kind of fault' },
        { line: "simulator fault delete '*' -force", explains: 'All of them' },
      ],
    },
  },
};

/** `simulator fault show`. */
export const show: Command = showCommand(faults);
/** `simulator fault create`. */
export const create: Command = createCommand(faults);
/** `simulator fault delete`. */
export const remove: Command = deleteCommand(faults);
