import type { Command } from '../command.ts';
import type { DirectoryField } from '../directory/directory.ts';
import { exitStatus } from '../exit-status.ts';
import type { Column } from '../output/column.ts';
import { termBody, termParameters } from './certificate-parameters.ts';
import { keyParameters, namedRecord } from './named-record.ts';
import { ownerField } from './vserver-field.ts';

const keys: readonly DirectoryField[] = [
  {
    name: 'cert-name',
    aliases: ['name'],
    field: 'name',
    label: 'Certificate Name',
    format: 'text',
    value: { kind: 'text', placeholder: 'text' },
    help: 'Name of the certificate of the CA',
    create: 'required',
    source: { path: '/security/certificates', field: 'name' },
  },
  { ...ownerField, help: 'SVM of the CA, where several have one of that name; or the name of the cluster' },
];

const signed: Column = {
  name: 'public-cert',
  field: 'public_certificate',
  label: 'Public Key Certificate',
  format: 'text',
};

/** `security certificate sign`: a certificate for another end by a root-ca of ours. Nobody keeps it but who asked. */
export const sign: Command = {
  description: [
    'Signs a certificate with a CA made by "security certificate create -type root-ca", for the other end of a policy to show. The certificate is printed, and kept nowhere.',
  ],
  parameters: [
    ...keyParameters(keys),
    {
      name: 'signing-request',
      target: 'signing_request',
      value: { kind: 'file', placeholder: 'FILE' },
      help: 'The signing request in PEM (- is standard input), such as "openssl req -new" makes',
      isRequired: true,
    },
    ...termParameters,
  ],
  examples: [
    {
      line: 'security certificate sign -vserver svm1 -cert-name own-ca -signing-request client.csr -expire-days 90',
      explains: 'Prints a certificate for 90 days',
    },
  ],
  run: async (given, { api: connect, output, signal }) => {
    const api = await connect();
    const ca = await namedRecord(
      api,
      { path: '/security/certificates', keys, noun: 'certificate', fields: ['uuid'] },
      given,
      signal,
    );
    const body = { signing_request: given.text('signing-request'), ...termBody(given) };
    const answer = await api.call('POST', `/security/certificates/${String(ca['uuid'])}/sign`, body, {
      signal,
    });
    const pem = String(answer['public_certificate']);
    if (output.isExact) await output.list({ columns: [signed], records: [answer], isSingle: true });
    else for (const line of pem.trimEnd().split(/\r?\n/)) output.say(line);
    return exitStatus.done;
  },
};
