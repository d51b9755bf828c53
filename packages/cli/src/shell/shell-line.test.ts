import { describe, expect, it } from 'vitest';
import type { CommandEntry } from '../command.ts';
import { commandTable } from '../command-table.ts';
import { mayHoldSecret, readShellLine } from './shell-line.ts';

const entry = (line: string): CommandEntry => ({
  words: line.split(' '),
  summary: '',
  load: async () => ({
    description: [],
    parameters: [
      { name: 'secret', value: { kind: 'secret' }, help: 'Secret' },
      { name: 'name', value: { kind: 'text', placeholder: 'NAME' }, help: 'Name' },
    ],
    examples: [],
    run: async () => {
      throw new Error('no line is run to be read');
    },
  }),
});
const commands = [
  entry('security ipsec policy show'),
  entry('security ipsec show-ikesa'),
  entry('security login show'),
  entry('security key create'),
  entry('vserver show'),
  entry('top'),
];
const read = (line: string, ...path: string[]) => readShellLine(line, path, commands);

describe('a line of the shell', () => {
  it.each([
    ['', [], { kind: 'nothing' }],
    ['   ', [], { kind: 'nothing' }],
    ['exit', ['security'], { kind: 'leave' }],
    ['quit', [], { kind: 'leave' }],
    ['history', [], { kind: 'history' }],
    ['sec ips', [], { kind: 'enter', path: ['security', 'ipsec'] }],
    ['pol', ['security', 'ipsec'], { kind: 'enter', path: ['security', 'ipsec', 'policy'] }],
    ['..', ['security', 'ipsec'], { kind: 'enter', path: ['security'] }],
    ['..', [], { kind: 'enter', path: [] }],
    ['top', ['security', 'ipsec'], { kind: 'enter', path: [] }],
    ['top', [], { kind: 'execute', words: ['top'] }],
    ['show -a "x y"', ['vserver'], { kind: 'execute', words: ['vserver', 'show', '-a', 'x y'] }],
    ['vserver show', ['security', 'ipsec'], { kind: 'execute', words: ['vserver', 'show'] }],
    ['?', ['security'], { kind: 'execute', words: ['security', '?'] }],
    ['nonsense', ['security'], { kind: 'execute', words: ['security', 'nonsense'] }],
    ['show "x', ['vserver'], { kind: 'wrong', message: 'A quote is not closed.' }],
  ])('"%s" in %j', (line, path, expected) => {
    expect(read(line, ...path)).toEqual(expected);
  });

  it.each([
    ['policy create nfs -shared-key secretsecretsecret', true],
    ['policy create nfs --shared-key=secretsecretsecret', true],
    ['sec key create -sec hunter2', true],
    ['sec key create --se=hunter2', true],
    ['login -password hunter2', true],
    ['polcy create nfs -SEC hunter2', true],
    ['polcy create nfs -s hunter2', true],
    ['polcy create nfs -s', false],
    ['polcy create nfs -name x', false],
    ['sec key create -sec -name x', false],
    ['policy create nfs -shared-key -name nfs', false],
    ['vserver show -name nfs', false],
  ])('"%s" may hold a secret: %s', async (line, expected) => {
    expect(await mayHoldSecret(line, [], commands)).toBe(expected);
  });

  it.each([
    'login -password -HIDDEN',
    'login -password=-HIDDEN',
    'login -password= HIDDEN',
    'login -password = HIDDEN',
    'login -pass_word HIDDEN',
    'login -password "HIDDEN',
    'login -pa "HIDDEN',
    'login \u2013password HIDDEN',
    'login https://admin:HIDDEN@10.0.0.1',
    'login "https://admin:HID DEN/@10.0.0.1"',
    'status -url https://admin:HIDDEN@10.0.0.1',
    'ESPLANADE_PASSWORD=HIDDEN status',
    'security login password -user-or-group-name vic2 -pasword HIDDEN',
    'security login password -user-or-group-name vic2 -p HIDDEN',
    'security login password svm1 vic2 HIDDEN',
    'security ipsec policy create -name q -shraed-key HIDDEN',
    'security ipsec policy create -name q -shraed-key=HIDDEN',
    'security ipsec policy create -name q -s HIDDEN',
    'security ipsec policy create {-sha HIDDEN} -name x',
    'security ipsec policy create { -sha HIDDEN } -name x',
    "security ipsec policy create '{-sha HIDDEN}' -name x",
    'security ipsec policy modify {-action BYPASS} -sha -HIDDEN',
    'sec ips pol modfy -name x -shared-ky HIDDEN',
    '-profile lab login -password -HIDDEN',
  ])('is not kept: %s', async (line) => {
    expect(await mayHoldSecret(line, [], commandTable)).toBe(true);
  });

  it.each([
    'login https://10.0.0.1 -user admin -password',
    'login -password -user admin',
    'security ipsec policy create -vserver svm1 -name q -shared-key -action ESP_TRA',
    'security ipsec policy create -name q -local-ip-subnets 10.0.0.0/8 -remote-ip-subnets fd00::/8',
    'security ipsec policy modify {-action BYPASS -vserver svm1} -is-enabled false',
    'security ipsec policy show -policy-name nfs* -fields action,is-enabled --json',
    'security ipsec policy show -nonsense',
    'status -url https://10.0.0.1 -watch 5',
    '-profile lab sec ips pol sh',
  ])('is kept: %s', async (line) => {
    expect(await mayHoldSecret(line, [], commandTable)).toBe(false);
  });
});
