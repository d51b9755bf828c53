import type { Command } from '../command.ts';
import type { Directory } from '../directory/directory.ts';
import { showCommand } from '../directory/verbs.ts';

const directory: Directory = {
  words: ['cluster'],
  noun: ['node', 'nodes'],
  path: '/cluster/nodes',
  fields: [
    {
      name: 'node',
      field: 'name',
      label: 'Node',
      heading: ['Node'],
      format: 'text',
      value: { kind: 'text', placeholder: 'nodename' },
      help: 'Name of the node',
      isKey: true,
      source: { path: '/cluster/nodes', field: 'name' },
    },
    {
      name: 'health',
      field: 'state',
      label: 'Node Health',
      heading: ['Health'],
      format: 'keyword',
      words: { up: 'true', down: 'false' },
      value: { kind: 'choice', choices: ['true', 'false'] },
      help: 'Whether it is up',
    },
    {
      name: 'eligibility',
      field: 'membership',
      label: 'Node Eligibility',
      heading: ['Eligibility'],
      format: 'keyword',
      words: { available: 'true', joining: 'false' },
      value: { kind: 'choice', choices: ['true', 'false'] },
      help: 'Whether it takes part in the cluster',
    },
    {
      name: 'uptime',
      field: 'uptime',
      label: 'Uptime',
      heading: ['Uptime'],
      format: 'seconds',
      value: { kind: 'integer', placeholder: 'seconds' },
      help: 'How long it has been running',
    },
    {
      name: 'version',
      field: 'version.full',
      label: 'Version',
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'What it runs',
    },
    {
      name: 'model',
      field: 'model',
      label: 'Model',
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'What it is',
    },
    {
      name: 'serial-number',
      field: 'serial_number',
      label: 'Serial Number',
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'Its serial number',
    },
    {
      name: 'date',
      field: 'date',
      label: 'Node Date',
      format: 'time',
      value: { kind: 'text', placeholder: 'time' },
      help: 'What its clock says',
    },
    {
      name: 'node-uuid',
      field: 'uuid',
      label: 'Node UUID',
      format: 'text',
      value: { kind: 'text', placeholder: 'UUID' },
      help: 'Its UUID in the API',
    },
  ],
  verbs: {
    show: {
      description: ['Shows which nodes there are and how they are.'],
      examples: [
        { line: 'cluster show', explains: 'All of them' },
        { line: 'cluster show -instance', explains: 'With version, model and clock' },
      ],
    },
  },
};

/** `cluster show`. */
export const show: Command = showCommand(directory);
