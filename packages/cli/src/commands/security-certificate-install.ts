import type { Command } from '../command.ts';
import { CommandError, exitStatus } from '../exit-status.ts';
import {
  certificateTypeWords,
  createCertificate,
  ownerBody,
  ownerParameters,
  wireType,
} from './certificate-parameters.ts';

/** `security certificate install`: certificates that somebody else has signed. ONTAP asks for them; here they are files. */
export const install: Command = {
  description: [
    'Installs a certificate, with its key where it is one of our own (server, client), or without where it is that of a CA whom we are to believe (server-ca, client-ca). IPsec uses the CAs it is told to: "security ipsec ca-certificate add".',
    'Keys and certificates come from files in PEM, so no key is in a list of processes. The certificates of CAs between it and the root may stand behind it in its own file, or in another one.',
  ],
  parameters: [
    {
      name: 'type',
      target: 'type',
      value: { kind: 'choice', choices: Object.values(certificateTypeWords) },
      help: 'What it is for',
      isRequired: true,
      isPositional: true,
    },
    {
      name: 'public-certificate',
      target: 'public_certificate',
      aliases: ['certificate'],
      value: { kind: 'file', placeholder: 'FILE' },
      help: 'The certificate in PEM (- is standard input)',
      isRequired: true,
    },
    {
      name: 'private-key',
      target: 'private_key',
      value: { kind: 'file', placeholder: 'FILE' },
      help: 'Its key in PEM, not encrypted; for server and client',
    },
    {
      name: 'intermediate-certificates',
      target: 'intermediate_certificates',
      value: { kind: 'file', placeholder: 'FILE' },
      help: 'Certificates in PEM of the CAs between it and the root',
    },
    ...ownerParameters,
  ],
  examples: [
    {
      line: 'security certificate install -vserver svm1 -type server -cert-name coast -public-certificate coast.crt -private-key coast.key',
      explains: 'A certificate of our own',
    },
    {
      line: 'security certificate install -vserver svm1 -type server-ca -cert-name coast-ca -public-certificate ca.crt',
      explains: 'A CA whose certificates the other ends show',
    },
  ],
  run: async (given, context) => {
    const [certificate, ...behind] = certificatesIn(given.text('public-certificate'));
    if (certificate === undefined)
      throw new CommandError(
        exitStatus.misused,
        'There is no certificate in PEM in the file of -public-certificate.',
      );
    const intermediates = [...behind, ...certificatesIn(given.text('intermediate-certificates'))];
    const key = given.text('private-key');
    await createCertificate(context, {
      ...(await ownerBody(given, context)),
      type: wireType(given),
      public_certificate: certificate,
      ...(key !== undefined && { private_key: key }),
      ...(intermediates.length > 0 && { intermediate_certificates: intermediates }),
    });
    return exitStatus.done;
  },
};

/** RFC 7468 section 2: what stands around the blocks is explanatory text. */
function certificatesIn(pem = ''): readonly string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
}
