import { expect, it } from 'vitest';
import type { Parameter } from './command.ts';
import { inWordsOfCommands } from './words-of-commands.ts';

const parameters: readonly Parameter[] = [
  ['local-port', 'local_port'],
  ['expire-days', 'expiry_time'],
  ['ipspace', 'ipspace.name'],
  ['file', 'url'],
  ['name', 'name'],
].map(([name = '', target = '']) => ({ name, target, value: { kind: 'text', placeholder: 'x' }, help: '' }));

it.each([
  ['Packets have ports. Send local_port.', 'Packets have ports. Give -local-port.'],
  ['Send another url, url or crl.', 'Give another url, url or crl.'],
  ['Send url or crl.', 'Give -file or crl.'],
  [
    'The value "local_port" is invalid for field "ipspace.name".',
    'The value "local_port" is invalid for -ipspace.',
  ],
  ['Field "common_name" is required.', 'Field "common_name" is required.'],
  ['local_port is given with remote_port.', '-local-port is given with remote_port.'],
  ['There is none. GET /api/svm/svms lists them.', 'There is none. "vserver show" lists them.'],
  ['GET /api/security/certificates?type=*_ca lists them.', '"security certificate show" lists them.'],
  ['GET /api/cluster lists them.', 'GET /api/cluster lists them.'],
  [
    'It trusts those that /api/security/ipsec/ca-certificates lists. Add one at /api/security/ipsec/ca-certificates.',
    'It trusts those that "security ipsec ca-certificate show" lists. Add one with "security ipsec ca-certificate add".',
  ],
  ['See /api/esplanade/v1/certificate-revocation-lists.', 'See "security certificate revocation-list show".'],
  [
    'Install it by POST /api/security/certificates {"svm.name": "svm1", "type": "server_ca", "public_certificate": "..."}, and then POST /api/security/ipsec/ca-certificates {"certificate.uuid": "..."}.',
    'Install it by "security certificate install -vserver svm1 -type server-ca -cert-name NAME -public-certificate FILE", and then "security ipsec ca-certificate add -ca-certs NAME".',
  ],
  ['Name a root_ca that was generated here.', 'Name a root-ca that was generated here.'],
  [
    'There is none like "POST /api/security/certificates {}".',
    'There is none like "POST /api/security/certificates {}".',
  ],
  ['There is no policy "Send local_port to me".', 'There is no policy "Send local_port to me".'],
  ['SVM "svm1" has the name a.local_port.example.', 'SVM "svm1" has the name a.local_port.example.'],
])('%j is %j', (sentence, said) => {
  expect(inWordsOfCommands(sentence, parameters)).toBe(said);
});
