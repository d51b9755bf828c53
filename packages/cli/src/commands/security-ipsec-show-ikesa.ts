import type { Command } from '../command.ts';
import type { Directory } from '../directory/directory.ts';
import { showCommand } from '../directory/verbs.ts';
import { saKeys, saTerms, spiField } from './security-ipsec-sa-fields.ts';

const directory: Directory = {
  words: ['security', 'ipsec'],
  noun: ['IKE SA', 'IKE SAs'],
  path: '/private/cli/security/ipsec/ikesa',
  fields: [
    ...saKeys,
    spiField('initiator-spi', 'Initiator SPI', ['Initiator-SPI'], true),
    spiField('responder-spi', 'Responder SPI', undefined, false),
    {
      name: 'is-initiator',
      field: 'is_initiator',
      label: 'Is Initiator',
      format: 'boolean',
      value: { kind: 'boolean' },
      help: 'Whether our side began',
    },
    {
      name: 'ike-version',
      field: 'ike_version',
      label: 'IKE Version',
      format: 'integer',
      value: { kind: 'integer', placeholder: 'NUMBER' },
      help: 'Version of IKE',
    },
    {
      name: 'auth-method',
      field: 'auth_method',
      label: 'Authentication Method',
      format: 'keyword',
      isUpperCase: true,
      value: { kind: 'choice', choices: ['NONE', 'PSK', 'CERT'] },
      help: 'How the two sides proved who they are',
    },
    {
      name: 'state',
      field: 'state',
      label: 'State',
      heading: ['State'],
      format: 'keyword',
      isUpperCase: true,
      value: { kind: 'choice', choices: ['NONE', 'CONNECTING', 'ESTABLISHED', 'DEAD_PEER_PROBE'] },
      help: 'What it is doing',
    },
    ...saTerms,
  ],
  verbs: {
    show: {
      description: [
        'Shows the IKE security associations there are: with whom, under which policy, and in which state. They are observed, seconds old at most; where there is none for a policy, "security ipsec state show" tells why.',
        'Every field can be asked for: -policy-name nfs*, -state !ESTABLISHED, -lifetime <3600.',
      ],
      examples: [
        { line: 'security ipsec show-ikesa', explains: 'All' },
        { line: 'security ipsec show-ikesa -vserver svm1 -policy-name nfs', explains: 'Those of one policy' },
        { line: "security ipsec show-ikesa -state '!ESTABLISHED'", explains: 'Those that are not up' },
        {
          line: 'security ipsec show-ikesa -remote-address 192.0.2.7 -instance',
          explains: 'All that is known of those with one host',
        },
      ],
    },
  },
};

/** `security ipsec show-ikesa`. */
export const show: Command = showCommand(directory);
