import type { Arguments, Command, Parameter } from '../command.ts';
import type { Directory, DirectoryField } from '../directory/directory.ts';
import { showCommand } from '../directory/verbs.ts';

const packet: readonly Parameter[] = [
  {
    name: 'local-address',
    value: { kind: 'text', placeholder: 'IP address' },
    help: 'Address of our side, whichever way the packet goes',
    isRequired: true,
    isPositional: true,
    target: 'local_address',
  },
  {
    name: 'remote-address',
    value: { kind: 'text', placeholder: 'IP address' },
    help: 'Address of the other side',
    isRequired: true,
    isPositional: true,
    target: 'remote_address',
  },
  {
    name: 'protocol',
    value: { kind: 'text', placeholder: 'protocol' },
    help: 'tcp, udp, icmp or a protocol number',
    isRequired: true,
    isPositional: true,
    target: 'protocol',
  },
  {
    name: 'local-port',
    value: { kind: 'integer', placeholder: 'port' },
    help: 'Port of our side, where the protocol has ports',
    target: 'local_port',
  },
  {
    name: 'remote-port',
    value: { kind: 'integer', placeholder: 'port' },
    help: 'Port of the other side, where the protocol has ports',
    target: 'remote_port',
  },
  {
    name: 'icmp-type',
    value: { kind: 'integer', placeholder: 'type' },
    help: 'Type of an ICMP packet; ICMPv6 needs one',
    target: 'icmp_type',
  },
  {
    name: 'ipspace',
    value: { kind: 'text', placeholder: 'IPspace' },
    help: 'IPspace whose policies are asked',
    fallback: 'Default, or that of the SVM of the account',
    source: { path: '/network/ipspaces', field: 'name' },
    target: 'ipspace.name',
  },
];

const peerFields: readonly DirectoryField[] = [
  ['action', 'action', 'Action'],
  ['local-address', 'local_endpoint.address', 'Local Address'],
  ['local-port', 'local_endpoint.port', 'Local Port'],
  ['remote-address', 'remote_endpoint.address', 'Remote Address'],
  ['remote-port', 'remote_endpoint.port', 'Remote Port'],
  ['protocol', 'protocol', 'Protocol'],
  ['local-identity', 'local_identity', 'Local Identity'],
  ['remote-identity', 'remote_identity', 'Remote Identity'],
  ['auth-method', 'authentication_method', 'Authentication Method'],
  ['ppk-identity', 'ppk.identity', 'PPK Identity'],
  ['cipher-suite', 'cipher_suite', 'Cipher Suite'],
].map(([name = '', field = '', label = '']) => ({
  name: `peer-${name}`,
  field: `peer.${field}`,
  label: `Other End's ${label}`,
  format: 'text',
  value: { kind: 'text', placeholder: 'text' },
  help: `What the other end needs for this packet: its ${label.toLowerCase()}`,
}));

const directory: Directory = {
  words: ['security', 'ipsec', 'decision'],
  noun: ['entry', 'entries'],
  path: '/esplanade/v1/decisions',
  asks: packet,
  fields: [
    {
      name: 'position',
      field: 'position',
      label: 'Position',
      format: 'integer',
      value: { kind: 'integer', placeholder: 'integer' },
      help: 'Place in the order that entries are asked in, from 1',
    },
    {
      name: 'outcome',
      field: 'outcome',
      label: 'Outcome',
      heading: ['Outcome'],
      format: 'keyword',
      value: { kind: 'choice', choices: ['decides', 'outranked', 'no_match', 'shadowed', 'disabled'] },
      help: 'What came of asking it',
    },
    {
      name: 'entry',
      field: 'entry',
      label: 'Entry',
      heading: ['Entry'],
      format: 'keyword',
      value: { kind: 'text', placeholder: 'entry' },
      help: 'policy, one that is implied in each IPspace, or none',
    },
    {
      name: 'policy-name',
      field: 'policy.name',
      label: 'Policy Name',
      heading: ['Policy', 'Name'],
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'Name of the policy',
    },
    {
      name: 'verdict',
      field: 'verdict',
      label: 'Verdict',
      heading: ['Verdict'],
      format: 'keyword',
      value: { kind: 'choice', choices: ['protect', 'bypass', 'discard', 'no_policy'] },
      help: 'What it does with packets: protect is ESP or nothing, no_policy lets them pass',
    },
    {
      name: 'reason',
      field: 'reason',
      label: 'Reason',
      heading: ['Reason'],
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'What came of asking it, in a sentence',
    },
    {
      name: 'sa-state',
      field: 'sa.state',
      label: 'SA State',
      heading: ['SA', 'State'],
      format: 'keyword',
      value: { kind: 'choice', choices: ['installed', 'none', 'unknown'] },
      help: 'Whether an SA with the other end carries it',
    },
    {
      name: 'sa-consequence',
      field: 'sa.consequence',
      label: 'SA Consequence',
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'What that means for the packet',
    },
    {
      name: 'mismatch',
      field: 'mismatch',
      label: 'Mismatch',
      format: 'keyword',
      value: { kind: 'text', placeholder: 'part' },
      help: 'First part of its selector that the packet does not match',
    },
    {
      name: 'shadowed-by',
      field: 'shadowed_by.name',
      label: 'Shadowed By',
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'Policy that is loaded instead',
    },
    {
      name: 'priority',
      field: 'priority',
      label: 'Priority',
      format: 'integer',
      value: { kind: 'integer', placeholder: 'integer' },
      help: 'Its number in the kernel: the lowest that matches decides',
    },
    ...peerFields,
  ],
  verbs: {
    show: {
      description: [
        'Asks every entry about one packet. First stands the one that decides, then those that match and come later, or are not loaded; the others with -outcome or -mismatch, and one with -policy-name. With -instance it also says whether an SA carries the packet, and what the other end must be configured with. Not on ONTAP.',
      ],
      examples: [
        {
          line: 'security ipsec decision show 192.0.2.1 192.0.2.2 tcp -local-port 40000 -remote-port 2049',
          explains: 'From here to port 2049 there',
        },
        {
          line: 'security ipsec decision show 192.0.2.1 192.0.2.2 icmp -outcome decides -instance',
          explains: 'A ping, with all there is to say',
        },
        {
          line: 'security ipsec decision show 192.0.2.1 192.0.2.2 icmp -policy-name nfs -fields mismatch',
          explains: 'Why the policy nfs is not for it',
        },
      ],
    },
  },
};

const shown = showCommand(directory);

/** `security ipsec decision show`: unless somebody asks for others, the entries that match, and first the one that decides. */
export const show: Command = {
  ...shown,
  run: (given, context) =>
    ['outcome', 'mismatch', 'policy-name'].some((name) => given.has(name))
      ? shown.run(given, context)
      : shown.run(withDefaults(given, { mismatch: 'null', 'order-by': 'outcome,position' }), context),
};

/** What was given, and these where they were not. */
function withDefaults(given: Arguments, defaults: Readonly<Record<string, string>>): Arguments {
  const absent = new Map(Object.entries(defaults).filter(([name]) => !given.has(name)));
  return {
    ...given,
    has: (name) => absent.has(name) || given.has(name),
    text: (name) => absent.get(name) ?? given.text(name),
    list: (name) => absent.get(name)?.split(',') ?? given.list(name),
  };
}
