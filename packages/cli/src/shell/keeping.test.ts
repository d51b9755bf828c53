import { describe, expect, it } from 'vitest';
import type { CommandEntry } from '../command.ts';
import { commandTable } from '../command-table.ts';
import { keepingOf } from './keeping.ts';

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
  entry('security login show'),
  entry('security key create'),
  entry('vserver show'),
];

describe('a line of the shell', () => {
  it.each([
    ['policy create nfs -shared-key secretsecretsecret', 'never'],
    ['policy create nfs --shared-key=secretsecretsecret', 'never'],
    ['sec key create -sec hunter2', 'never'],
    ['sec key create --se=hunter2', 'never'],
    ['login -password hunter2', 'never'],
    ['polcy create nfs -SEC hunter2', 'never'],
    ['polcy create nfs -s hunter2', 'never'],
    ['polcy create nfs -s', 'never'],
    ['polcy create nfs -name x', 'never'],
    ['sec key create -sec -name x', 'kept'],
    ['security ipsec polcy create nfs -shared-key -name nfs', 'for-now'],
    ['vserver show -name nfs', 'kept'],
  ])('"%s" is remembered %s', async (line, expected) => {
    expect(await keepingOf(line, [], commands)).toBe(expected);
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
    'security login password ? HIDDEN',
    'security ipsec policy create -name q -shraed-key HIDDEN',
    'security ipsec policy create -name q -shraed-key=HIDDEN',
    'security ipsec policy create -name q -s HIDDEN',
    'security ipsec policy create {-sha HIDDEN} -name x',
    'security ipsec policy create { -sha HIDDEN } -name x',
    "security ipsec policy create '{-sha HIDDEN}' -name x",
    'security ipsec policy modify {-action BYPASS} -sha -HIDDEN',
    'sec ips pol modfy -name x -shared-ky HIDDEN',
    '-profile lab login -password -HIDDEN',
    'HIDDEN',
    'HIDDEN of several words',
    'secruity login password vic2 HIDDEN',
    '-profile lab HIDDEN',
    '-HIDDEN',
  ])('is not kept: %s', async (line) => {
    expect(await keepingOf(line, [], commandTable)).toBe('never');
  });

  it.each([
    'login -password -user admin',
    'security ipsec policy create -vserver svm1 -name q -shared-key -action ESP_TRA',
    'security ipsec policy create -name q -local-ip-subnets 10.0.0.0/8 -remote-ip-subnets fd00::/8',
    'security ipsec policy modify {-action BYPASS -vserver svm1} -is-enabled false',
    'security ipsec policy show -policy-name nfs* -fields action,is-enabled --json',
    'security ipsec policy show -nonsense',
    'status -url https://10.0.0.1 -watch 5',
    '-profile lab sec ips pol sh',
  ])('is kept: %s', async (line) => {
    expect(await keepingOf(line, [], commandTable)).toBe('kept');
  });

  it.each([
    'security login password vic2 HIDDEN',
    'security login password HIDDEN',
    'security login password vic2',
    'security ipsec policy modify nfs -is-enabled false',
    'security ipsec policy modify {-action BYPASS} nfs HIDDEN -is-enabled false',
    'login https://10.0.0.1 -user admin -password',
  ])('is kept once the bare words are found to be names: %s', async (line) => {
    expect(await keepingOf(line, [], commandTable)).toBe('once-done');
  });

  it.each(['security login pasword vic2 HIDDEN', 'security ? HIDDEN', 'exit', 'history'])(
    'is in no file, as it is no command: %s',
    async (line) => {
      expect(await keepingOf(line, [], commandTable)).toBe('for-now');
    },
  );

  it('is looked for where the shell has gone to, and at the top', async () => {
    const path = ['security', 'ipsec'];
    expect(await keepingOf('policy show', path, commandTable)).toBe('kept');
    expect(await keepingOf('vserver show', path, commandTable)).toBe('kept');
    expect(await keepingOf('HIDDEN', path, commandTable)).toBe('never');
  });
});
