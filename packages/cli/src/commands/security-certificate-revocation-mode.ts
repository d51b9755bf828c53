import type { Command } from '../command.ts';
import type { Directory } from '../directory/directory.ts';
import { modifyCommand, showCommand } from '../directory/verbs.ts';
import { ownerField } from './vserver-field.ts';

const directory: Directory = {
  words: ['security', 'certificate', 'revocation-mode'],
  noun: ['revocation mode', 'revocation modes'],
  path: '/esplanade/v1/revocation-modes',
  fields: [
    ownerField,
    {
      name: 'scope',
      field: 'scope',
      label: 'Scope',
      heading: ['Scope'],
      format: 'keyword',
      value: { kind: 'choice', choices: ['svm', 'cluster'] },
      help: 'Whether it is for policies of an SVM, or for those of none',
      isKey: true,
    },
    {
      name: 'mode',
      field: 'mode',
      label: 'Mode',
      heading: ['Mode'],
      format: 'keyword',
      value: { kind: 'choice', choices: ['relaxed', 'strict'] },
      help: 'relaxed lets in a remote whose certificate no current list covers, strict does not',
      isModifiable: true,
    },
    {
      name: 'uuid',
      field: 'uuid',
      label: 'UUID',
      format: 'text',
      value: { kind: 'text', placeholder: 'UUID' },
      help: 'UUID of the SVM or of the cluster',
    },
  ],
  verbs: {
    show: {
      description: [
        'Shows for each SVM, and for policies of no SVM, whether a certificate must be covered by a current revocation list. One that is revoked is never taken. Not on ONTAP.',
      ],
      examples: [{ line: 'security certificate revocation-mode show', explains: 'All of them' }],
    },
    modify: {
      description: ['With strict, a CA without a current list lets nobody in.'],
      examples: [
        {
          line: 'security certificate revocation-mode modify -vserver svm1 -mode strict',
          explains: 'For the policies of svm1',
        },
        {
          line: 'security certificate revocation-mode modify -scope cluster -mode relaxed',
          explains: 'For the policies of no SVM',
        },
      ],
    },
  },
};

/** `security certificate revocation-mode show`. */
export const show: Command = showCommand(directory);
/** `security certificate revocation-mode modify`. */
export const modify: Command = modifyCommand(directory);
