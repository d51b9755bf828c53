import type { Command } from '../command.ts';
import type { Directory } from '../directory/directory.ts';
import { showCommand } from '../directory/verbs.ts';

const directory: Directory = {
  words: ['datapath'],
  noun: ['datapath', 'datapaths'],
  path: '/esplanade/v1/datapaths',
  fields: [
    {
      name: 'ipspace',
      field: 'ipspace.name',
      label: 'IPspace',
      heading: ['IPspace'],
      format: 'text',
      value: { kind: 'text', placeholder: 'IPspace' },
      help: 'IPspace whose packets it protects',
      isKey: true,
      source: { path: '/network/ipspaces', field: 'name' },
    },
    {
      name: 'kind',
      field: 'kind',
      label: 'Kind',
      heading: ['Kind'],
      format: 'keyword',
      value: { kind: 'text', placeholder: 'kind' },
      help: 'strongswan, or simulated: then no packet is protected',
    },
    {
      name: 'ready',
      field: 'ready',
      label: 'Ready',
      heading: ['Ready'],
      format: 'boolean',
      value: { kind: 'boolean' },
      help: 'Whether it answers',
    },
    {
      name: 'guard',
      field: 'guard',
      label: 'Guard',
      heading: ['Guard'],
      format: 'keyword',
      value: { kind: 'choice', choices: ['present', 'absent', 'simulated'] },
      help: 'Whether protected traffic stays blocked while charon is stopped in order',
    },
    {
      name: 'description',
      field: 'description',
      label: 'Description',
      heading: ['Description'],
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'Its version, and where it is spoken to',
    },
    {
      name: 'reason',
      field: 'reason',
      label: 'Reason',
      heading: ['Reason'],
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'Why it does not answer',
    },
    {
      name: 'since',
      field: 'since',
      label: 'Since',
      format: 'time',
      value: { kind: 'text', placeholder: 'time' },
      help: 'Since when it does not',
    },
    {
      name: 'chosen',
      field: 'chosen',
      label: 'Chosen Because',
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'Why it is this kind',
    },
    {
      name: 'kernel-checked',
      field: 'kernel.checked',
      label: 'Kernel Checked',
      format: 'boolean',
      value: { kind: 'boolean' },
      help: 'Whether what the kernel holds is compared with what should be there',
    },
    {
      name: 'kernel-reason',
      field: 'kernel.reason',
      label: 'Kernel Not Checked Because',
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'Why it is not compared',
    },
    {
      name: 'kernel-missing',
      field: 'kernel.missing',
      label: 'Missing in the Kernel',
      format: 'count',
      value: { kind: 'integer', placeholder: 'integer' },
      help: 'Policies and SAs that the kernel lacked at the last look; they are put back',
    },
    {
      name: 'foreign-connections',
      field: 'foreign.connections',
      label: 'Foreign Connections',
      format: 'list',
      value: { kind: 'text', placeholder: 'text' },
      help: 'Connections in charon that are not ours, and are left alone',
    },
    {
      name: 'foreign-sas',
      field: 'foreign.security_associations',
      label: 'Foreign SAs',
      format: 'count',
      value: { kind: 'integer', placeholder: 'integer' },
      help: 'SAs that are not ours',
    },
  ],
  verbs: {
    show: {
      description: [
        'Shows for each IPspace what protects its packets, strongSwan or the simulator, whether that answers, and what in it is not ours. Not on ONTAP.',
      ],
      examples: [
        { line: 'datapath show', explains: 'All of them' },
        { line: 'datapath show -ready false -fields reason', explains: 'Those that do not answer, and why' },
      ],
    },
  },
};

/** `datapath show`. */
export const show: Command = showCommand(directory);
