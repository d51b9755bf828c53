import type { Command } from '../command.ts';
import type { Directory, DirectoryField } from '../directory/directory.ts';
import { showCommand } from '../directory/verbs.ts';
import { saKeys, saTerms, spiField } from './security-ipsec-sa-fields.ts';

const directory: Directory = {
  words: ['security', 'ipsec'],
  noun: ['IPsec SA', 'IPsec SAs'],
  path: '/private/cli/security/ipsec/ipsecsa',
  fields: [
    ...saKeys,
    spiField('inbound-spi', 'Inbound SPI', ['Inbound', 'SPI'], true),
    spiField('outbound-spi', 'Outbound SPI', ['Outbound', 'SPI'], false),
    {
      name: 'action',
      field: 'action',
      label: 'Action',
      format: 'keyword',
      isUpperCase: true,
      value: { kind: 'choice', choices: ['ESP_TRA', 'ESP_UDP', 'BYPASS', 'DISCARD'] },
      help: 'What its policy does with packets',
    },
    {
      name: 'state',
      field: 'state',
      label: 'State',
      heading: ['State'],
      format: 'keyword',
      isUpperCase: true,
      value: { kind: 'text', placeholder: 'STATE' },
      help: 'What it is doing: INSTALLED, REKEYING',
    },
    ...saTerms,
    counter('inbound', 'bytes'),
    counter('inbound', 'packets'),
    counter('outbound', 'bytes'),
    counter('outbound', 'packets'),
    counter('inbound', 'bytes', 'offload'),
    counter('inbound', 'packets', 'offload'),
    counter('outbound', 'bytes', 'offload'),
    counter('outbound', 'packets', 'offload'),
  ],
  verbs: {
    show: {
      description: [
        'Shows the pairs of ESP security associations there are, with their security parameter indexes and what has gone through them. They are observed: counters are two seconds old at most while somebody looks.',
        'For rates there is "top". Every field can be asked for: -policy-name nfs*, -inbound-bytes >1000000.',
      ],
      examples: [
        { line: 'security ipsec show-ipsecsa', explains: 'All' },
        {
          line: 'security ipsec show-ipsecsa -vserver svm1 -policy-name nfs',
          explains: 'Those of one policy',
        },
        {
          line: 'security ipsec show-ipsecsa -fields inbound-bytes,outbound-bytes -watch',
          explains: 'What goes through them, every two seconds',
        },
        {
          line: 'security ipsec show-ipsecsa -inbound-packets 0',
          explains: 'Those through which nothing has come in',
        },
      ],
    },
  },
};

function counter(
  direction: 'inbound' | 'outbound',
  unit: 'bytes' | 'packets',
  by?: 'offload',
): DirectoryField {
  const words = [direction, ...(by === undefined ? [] : [by]), unit];
  const what = unit === 'bytes' ? 'Bytes' : 'Packets';
  const way = direction === 'inbound' ? 'that came in' : 'that went out';
  return {
    name: words.join('-'),
    field: words.join('_'),
    label: words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join(' '),
    format: unit === 'bytes' ? 'bytes' : 'count',
    value: { kind: 'integer', placeholder: 'NUMBER' },
    help: `${what} ${way}${by === undefined ? '' : ', done by a network card'}`,
  };
}

/** `security ipsec show-ipsecsa`. */
export const show: Command = showCommand(directory);
