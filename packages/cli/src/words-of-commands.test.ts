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
  ['There is no policy "Send local_port to me".', 'There is no policy "Send local_port to me".'],
  ['SVM "svm1" has the name a.local_port.example.', 'SVM "svm1" has the name a.local_port.example.'],
])('%j is %j', (sentence, said) => {
  expect(inWordsOfCommands(sentence, parameters)).toBe(said);
});
