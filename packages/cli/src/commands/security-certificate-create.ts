import type { Command } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import {
  createCertificate,
  ownerBody,
  ownerParameters,
  termBody,
  termParameters,
  wireType,
} from './certificate-parameters.ts';

/** `security certificate create`: a certificate signed with its own key, which is made with it. */
export const create: Command = {
  description: [
    'Makes a key and a certificate that is signed with it. A root-ca signs those of others with "security certificate sign".',
  ],
  parameters: [
    {
      name: 'common-name',
      target: 'common_name',
      value: { kind: 'text', placeholder: 'FQDN or Custom Common Name' },
      help: 'Common name of its subject',
      isRequired: true,
      isPositional: true,
    },
    {
      name: 'type',
      target: 'type',
      value: { kind: 'choice', choices: ['server', 'root-ca', 'client'] },
      help: 'What it is for',
      isRequired: true,
      isPositional: true,
    },
    ...ownerParameters,
    {
      name: 'size',
      target: 'key_size',
      value: { kind: 'choice', choices: ['2048', '3072'] },
      help: 'Bits of its RSA key',
      fallback: '2048',
    },
    ...termParameters,
  ],
  examples: [
    {
      line: 'security certificate create -vserver svm1 -cert-name own-ca -common-name own-ca.example.org -type root-ca',
      explains: 'A CA of our own, for a year',
    },
  ],
  run: async (given, context) => {
    const size = given.text('size');
    await createCertificate(context, {
      ...(await ownerBody(given, context)),
      type: wireType(given),
      common_name: given.text('common-name'),
      ...(size !== undefined && { key_size: Number(size) }),
      ...termBody(given),
    });
    return exitStatus.done;
  },
};
