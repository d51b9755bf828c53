import { describe, expect, it } from 'vitest';
import type { Command, CommandEntry, Parameter } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import { type Candidate, complete, type ValueQuestion } from './complete.ts';

const policies = '/security/ipsec/policies';
const parameters: readonly Parameter[] = [
  {
    name: 'vserver',
    value: { kind: 'text', placeholder: 'NAME' },
    help: 'SVM',
    isPositional: true,
    source: { path: policies, field: 'svm.name' },
  },
  {
    name: 'policy-name',
    aliases: ['name'],
    value: { kind: 'text', placeholder: 'NAME' },
    help: 'Policy',
    isPositional: true,
    isName: true,
    isQuery: true,
    source: { path: policies, field: 'name' },
  },
  { name: 'action', value: { kind: 'choice', choices: ['esp-transport', 'bypass'] }, help: 'What is done' },
  { name: 'is-enabled', value: { kind: 'boolean' }, help: 'Whether' },
  {
    name: 'fields',
    value: {
      kind: 'list',
      placeholder: 'NAME',
      choices: ['name', 'action', 'uuid'],
      names: [{ name: 'name', aliases: ['policy-name'] }, { name: 'action' }, { name: 'uuid' }],
    },
    help: 'Columns',
  },
  { name: 'shared-key', value: { kind: 'secret' }, help: 'Key' },
  { name: 'watch', value: { kind: 'integer', placeholder: 'SECONDS', bare: '2' }, help: 'Again' },
];
const command = (own: readonly Parameter[]): Command => ({
  description: [],
  parameters: own,
  examples: [],
  run: async () => exitStatus.done,
});
const entry = (line: string, own: readonly Parameter[] = parameters): CommandEntry => ({
  words: line.split(' '),
  summary: `does ${line}`,
  load: async () => command(own),
});
const required = { kind: 'text', placeholder: 'TEXT' } as const;
const commands = [
  entry('security ipsec policy show'),
  entry('security ipsec policy create', [
    { name: 'name', value: required, help: 'Name', isRequired: true },
    { name: 'comment', value: required, help: 'Comment' },
  ]),
  entry('security ipsec show-ikesa'),
  entry('security login show'),
  entry('key', [
    { name: 'file', value: { kind: 'text', placeholder: 'FILE' }, help: 'File', isPositional: true },
  ]),
  entry('key rotate'),
];
const stored: Readonly<Record<string, readonly string[]>> = {
  'svm.name': ['svm1', 'svm2'],
  name: ['nfs', 'nfs home', 'smb', 'a*', 'bad\u001b[2J'],
};

/** Answers as a server does, and keeps what it was asked. */
function world(asked: ValueQuestion[] = []) {
  return {
    commands,
    profiles: async () => ['lab', 'live'],
    values: async (question: ValueQuestion): Promise<readonly Candidate[]> => {
      asked.push(question);
      const all = stored[question.source.field] ?? [];
      return all
        .filter((value) => value.startsWith(question.prefix))
        .map((value) => (value.includes('*') ? { value: `"${value}"`, meaning: value } : { value }));
    },
  };
}

/** Of names that begin with a dash. */
async function offeredOfDashed(line: string): Promise<readonly string[]> {
  const words = line.split(' ');
  const dashed = { ...world(), values: async () => [{ value: '-dash' }, { value: '-5' }, { value: 'a-b' }] };
  const completion = await complete(words.slice(0, -1), words.at(-1) ?? '', dashed);
  return completion.kind === 'files' ? [] : completion.candidates.map(({ value }) => value);
}

async function offered(line: string): Promise<readonly string[] | 'files'> {
  const words = line.split(' ');
  const completion = await complete(words.slice(0, -1), words.at(-1) ?? '', world());
  return completion.kind === 'files' ? 'files' : completion.candidates.map(({ value }) => value);
}

describe('completing words of commands', () => {
  it.each([
    ['', ['security', 'key']],
    ['sec', ['security']],
    ['sec ip', ['ipsec']],
    ['sec ips ', ['policy', 'show-ikesa']],
    ['sec ips pol s', ['show']],
    ['sec nothing ', []],
    ['x', []],
    ['-prof', ['-profile']],
    ['-profile l', ['lab', 'live']],
    ['-profile lab sec', ['security']],
    ['-nothing sec', []],
    ['key ', ['rotate']],
    ['key r', ['rotate']],
    ['key f', 'files'],
  ])('%s', async (line, expected) => {
    expect(await offered(line)).toEqual(expected);
  });

  it('tells what a command does, and what a directory holds', async () => {
    const { candidates } = { candidates: [], ...(await complete(['security', 'ipsec'], '', world())) };
    expect(candidates).toEqual([
      { value: 'policy', description: 'show, create' },
      { value: 'show-ikesa', description: 'does security ipsec show-ikesa' },
    ]);
  });
});

describe('completing parameters', () => {
  it('proposes no name as a bare word that would be read as a parameter', async () => {
    const bare = await offeredOfDashed('sec ips pol show ');
    expect(bare).toEqual(expect.arrayContaining(['-5', 'a-b']));
    expect(bare).not.toContain('-dash');
    expect(await offeredOfDashed('sec ips pol show -policy-name ')).toContain('-dash');
  });

  it.each([
    ['sec ips pol show -a', ['-action']],
    ['sec ips pol show --a', ['--action']],
    ['sec ips pol show -na', ['-name']],
    ['sec ips pol show -action bypass -a', []],
    ['sec ips pol show -prof', ['-profile']],
    ['sec ips pol create ', ['-name']],
    ['sec ips pol create -name nfs ', ['-comment']],
    ['sec ips pol show -watch -', ['-vserver', '-policy-name', '-action', '-is-enabled', '-fields']],
  ])('%s', async (line, expected) => {
    expect(await offered(line)).toEqual(expect.arrayContaining([...expected]));
  });

  it('offers no record where a number may come', async () => {
    expect(await offered('sec ips pol show svm')).toContain('svm1');
    expect(await offered('sec ips pol show -watch svm')).toEqual([]);
    expect(await offered('sec ips pol show -watch 5 svm')).toContain('svm1');
    const names = await offered('sec ips pol show -watch ');
    expect(names).toContain('-vserver');
    expect(names).not.toContain('svm1');
  });

  it('does not offer twice what is given, but lists', async () => {
    const names = await offered('sec ips pol show svm1 -name nfs -action bypass -fields name -');
    expect(names).toContain('-fields');
    for (const name of ['-vserver', '-policy-name', '-action']) expect(names).not.toContain(name);
  });
});

describe('completing values', () => {
  it.each([
    ['sec ips pol show -action ', ['esp-transport', 'bypass']],
    ['sec ips pol show -act b', ['bypass']],
    ['sec ips pol show --action=b', ['--action=bypass']],
    ['sec ips pol show -is-enabled t', ['true']],
    ['sec ips pol show -fields ', ['name', 'action', 'uuid']],
    ['sec ips pol show -fields name,', ['name,action', 'name,uuid']],
    ['sec ips pol show -fields name,u', ['name,uuid']],
    ['sec ips pol show -policy-name n', ['nfs', 'nfs home']],
    ['sec ips pol show -name n', ['nfs', 'nfs home']],
    ['sec ips pol show -policy-name !s', ['!smb']],
    ['sec ips pol show -policy-name nfs|s', ['nfs|smb']],
    ['sec ips pol show -fields po', ['policy-name']],
    ['sec ips pol show -fields uuid,po', ['uuid,policy-name']],
    ['sec ips pol show -name a', ['"a*"']],
    ['sec ips pol show -name "a', ['"a*"']],
    ['sec ips pol show -name nfs|!a', ['nfs|!"a*"']],
    ['sec ips pol show -name a*', []],
    ['sec ips pol show a', ['"a*"']],
    ['sec ips pol show s', ['svm1', 'svm2', 'smb']],
    ['sec ips pol show n', ['nfs', 'nfs home']],
    ['sec ips pol show svm1 s', ['smb']],
    ['sec ips pol show -name nfs s', ['svm1', 'svm2']],
    ['sec ips pol show svm1 -profile l', ['lab', 'live']],
    ['sec ips pol show -shared-key -a', ['-action']],
    ['sec ips pol show -shared-key-file ', 'files'],
    ['sec ips pol show --shared-key-file=', 'files'],
  ])('%s', async (line, expected) => {
    expect(await offered(line)).toEqual(expected);
  });

  it('leaves out what would do something to the terminal', async () => {
    expect(await offered('sec ips pol show -policy-name b')).toEqual([]);
  });

  it('asks for what begins so, of the records that the line names', async () => {
    const asked: ValueQuestion[] = [];
    await complete(
      'sec ips pol show -vserver svm1 -url https://x -policy-name'.split(' '),
      'nf',
      world(asked),
    );
    expect(asked).toMatchObject([
      {
        source: { path: policies, field: 'name' },
        prefix: 'nf',
        fields: [{ field: 'svm.name', value: 'svm1' }],
        isQuery: true,
      },
    ]);
    expect(asked[0]?.given('url')).toBe('https://x');
  });
});
