import type { Command } from '../command.ts';
import type { Directory } from '../directory/directory.ts';
import { deleteCommand, showCommand } from '../directory/verbs.ts';
import { certificateTypeWords } from './certificate-parameters.ts';
import { ownerField } from './vserver-field.ts';

const directory: Directory = {
  words: ['security', 'certificate'],
  noun: ['certificate', 'certificates'],
  path: '/security/certificates',
  fields: [
    ownerField,
    {
      name: 'serial',
      field: 'serial_number',
      label: 'Serial Number of Certificate',
      heading: ['Serial Number'],
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'Its serial number, hexadecimal',
    },
    {
      name: 'cert-name',
      aliases: ['name'],
      field: 'name',
      label: 'Certificate Name',
      heading: ['Certificate Name'],
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'Its name, unique in its SVM or in the cluster',
      isKey: true,
      source: { path: '/security/certificates', field: 'name' },
    },
    {
      name: 'type',
      field: 'type',
      label: 'Type of Certificate',
      heading: ['Type'],
      format: 'keyword',
      words: certificateTypeWords,
      value: { kind: 'choice', choices: Object.values(certificateTypeWords) },
      help: 'What it is for',
    },
    {
      name: 'expiration',
      field: 'expiry_time',
      label: 'Certificate Expiration Date',
      heading: ['Expiration Date'],
      format: 'time',
      value: { kind: 'text', placeholder: 'time' },
      help: 'When it expires',
    },
    {
      name: 'common-name',
      field: 'common_name',
      label: 'FQDN or Custom Common Name',
      format: 'text',
      value: { kind: 'text', placeholder: 'FQDN or Custom Common Name' },
      help: 'Common name of its subject',
    },
    {
      name: 'ca',
      field: 'ca',
      label: 'Certificate Authority',
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'Who issued it',
    },
    {
      name: 'size',
      field: 'key_size',
      label: 'Size of Requested Certificate(bits)',
      format: 'integer',
      value: { kind: 'integer', placeholder: 'bits' },
      help: 'Bits of its key',
    },
    {
      name: 'hash-function',
      field: 'hash_function',
      label: 'Hashing Function',
      format: 'keyword',
      isUpperCase: true,
      value: { kind: 'text', placeholder: 'hash function' },
      help: 'Digest of its signature',
    },
    {
      name: 'dns-name',
      field: 'subject_alternatives.dns',
      label: 'DNS Names',
      format: 'list',
      value: { kind: 'text', placeholder: 'text' },
      help: 'Host names of its subject',
    },
    {
      name: 'ipaddr',
      field: 'subject_alternatives.ip',
      label: 'IP Addresses',
      format: 'list',
      value: { kind: 'text', placeholder: 'IP address' },
      help: 'IP addresses of its subject',
    },
    {
      name: 'subject-key-identifier',
      field: 'subject_key_identifier',
      label: 'Subject Key Identifier',
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'Identifier of its key',
    },
    {
      name: 'authority-key-identifier',
      field: 'authority_key_identifier',
      label: 'Authority Key Identifier',
      format: 'text',
      value: { kind: 'text', placeholder: 'text' },
      help: 'Identifier of the key it is signed with',
    },
    {
      name: 'uuid',
      field: 'uuid',
      label: 'UUID',
      format: 'text',
      value: { kind: 'text', placeholder: 'UUID' },
      help: 'Its UUID in the API',
    },
    {
      name: 'public-cert',
      field: 'public_certificate',
      label: 'Public Key Certificate',
      format: 'text',
      value: { kind: 'text', placeholder: 'PEM' },
      help: 'The certificate in PEM',
    },
  ],
  verbs: {
    show: {
      description: [
        'Certificates of our own (server, client, root-ca), and those of CAs whom we believe (server-ca, client-ca). Private keys are never shown.',
      ],
      examples: [
        { line: 'security certificate show', explains: 'All of them' },
        {
          line: "security certificate show -expiration '<2027-01-01' -fields expiration",
          explains: 'Those that expire soon',
        },
        {
          line: 'security certificate show -cert-name coast -instance',
          explains: 'One, with the certificate in PEM',
        },
      ],
    },
    delete: {
      description: ['Deletes certificates and their keys. One that a policy goes by is kept.'],
      examples: [{ line: 'security certificate delete -vserver svm1 -cert-name own-ca', explains: 'One' }],
    },
  },
};

/** `security certificate show`. */
export const show: Command = showCommand(directory);
/** `security certificate delete`. */
export const remove: Command = deleteCommand(directory);
