import type { Command, Parameter } from '../command.ts';
import type { Directory, VerbText } from '../directory/directory.ts';
import { showCommand } from '../directory/verbs.ts';
import { exitStatus } from '../exit-status.ts';
import { vserverField, vservers } from './vserver-field.ts';

const path = '/private/cli/security/ipsec/ca-certificate';
const certificates = { path: '/security/certificates', field: 'name' };

const directory: Directory = {
  words: ['security', 'ipsec', 'ca-certificate'],
  noun: ['SVM', 'SVMs'],
  path,
  fields: [
    {
      ...vserverField,
      field: 'vserver',
      help: 'SVM the certificates belong to; the name of the cluster for those of no SVM',
    },
    {
      name: 'ca-certs',
      field: 'ca_certs',
      label: 'CA Certificate Names',
      heading: ['CA Certificate Names'],
      format: 'list',
      value: { kind: 'text', placeholder: 'NAME' },
      help: 'CA certificates that IPsec trusts there',
      source: certificates,
    },
  ],
  verbs: {
    show: {
      description: [
        'Shows, for each SVM and for the cluster, the CA certificates by which policies with -auth-method PKI know the other side. An installed CA certificate counts only once it is added here.',
      ],
      examples: [
        { line: 'security ipsec ca-certificate show', explains: 'Of all SVMs' },
        { line: 'security ipsec ca-certificate show -ca-certs coast-ca', explains: 'Who trusts coast-ca' },
      ],
    },
  },
};

/** `security ipsec ca-certificate show`. */
export const show: Command = showCommand(directory);

const parameters: readonly Parameter[] = [
  {
    name: 'vserver',
    value: { kind: 'text', placeholder: 'NAME' },
    help: 'SVM the certificates belong to; the name of the cluster for those of no SVM',
    isPositional: true,
    fallback: 'the only SVM, where there is one',
    source: vservers,
    target: 'vserver',
  },
  {
    name: 'ca-certs',
    value: { kind: 'list', placeholder: 'NAME' },
    help: 'Names of the CA certificates',
    isRequired: true,
    isPositional: true,
    source: certificates,
    target: 'ca_certs',
  },
];

/** `security ipsec ca-certificate add`. */
export const add: Command = changeCommand('add', 'is trusted by IPsec', 'are trusted by IPsec', {
  description: [
    'Lets the policies of an SVM trust what these CA certificates have signed: all of them, or none where one cannot be. They must be installed before, with "security certificate install" or "security certificate create".',
  ],
  examples: [
    {
      line: 'security ipsec ca-certificate add -vserver svm1 -ca-certs coast-ca,own-ca',
      explains: 'Policies of svm1 trust coast-ca and own-ca',
    },
  ],
});

/** `security ipsec ca-certificate remove`. */
export const remove: Command = changeCommand('remove', 'is no longer trusted', 'are no longer trusted', {
  description: [
    'Takes CA certificates away from what IPsec trusts: all that are named, or none where one cannot be. They stay installed. SAs with hosts for which no trusted CA vouches any more are ended.',
  ],
  examples: [
    {
      line: 'security ipsec ca-certificate remove -vserver svm1 -ca-certs own-ca',
      explains: 'Policies of svm1 trust own-ca no longer',
    },
  ],
});

function changeCommand(verb: 'add' | 'remove', isSo: string, areSo: string, text: VerbText): Command {
  return {
    description: text.description,
    parameters,
    examples: text.examples,
    run: async (given, context) => {
      const names = given.list('ca-certs');
      const vserver = given.text('vserver');
      const api = await context.api();
      await api.call('POST', `${path}/${verb}`, {
        ...(vserver !== undefined && { vserver }),
        ca_certs: names,
      });
      context.output.say(`${names.join(', ')} ${names.length === 1 ? isSo : areSo}.`);
      return exitStatus.done;
    },
  };
}
