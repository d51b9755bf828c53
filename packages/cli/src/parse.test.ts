import { describe, expect, it } from 'vitest';
import type { Parameter } from './command.ts';
import { exitStatus } from './exit-status.ts';
import { parse, UnknownParameterError } from './parse.ts';

const text = { kind: 'text', placeholder: 'TEXT' } as const;
const parameters: readonly Parameter[] = [
  { name: 'vserver', value: text, help: '', isPositional: true },
  { name: 'name', aliases: ['policy-name'], value: text, help: '', isPositional: true },
  { name: 'local-ip-subnets', value: text, help: '' },
  { name: 'local-ports', value: text, help: '' },
  { name: 'is-enabled', value: { kind: 'boolean' }, help: '' },
  { name: 'instance', value: { kind: 'switch' }, help: '' },
  { name: 'watch', value: { kind: 'integer', placeholder: 'SECONDS', bare: '2' }, help: '' },
  { name: 'fields', value: { kind: 'list', placeholder: 'FIELD' }, help: '' },
  { name: 'shared-key', value: { kind: 'secret' }, help: '' },
  { name: 'shared-key-file', value: { kind: 'file', placeholder: 'FILE' }, help: '' },
];

const read = (...words: readonly string[]) => Object.fromEntries(parse(parameters, words).values);
const failure = (...words: readonly string[]): Error & { status?: unknown } => {
  try {
    read(...words);
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('it was understood');
};

describe('reading parameters', () => {
  it.each([
    [['-name', 'nfs']],
    [['--name', 'nfs']],
    [['--name=nfs']],
    [['-name=nfs']],
    [['-policy-name', 'nfs']],
    [['-policy_name', 'nfs']],
    [['-pol', 'nfs']],
    [['-n', 'nfs']],
  ])('takes %j', (words) => {
    expect(read(...words)).toEqual({ name: ['nfs'] });
  });

  it('takes bare words for positional parameters, in their order, wherever they stand', () => {
    expect(read('svm1', 'nfs')).toEqual({ vserver: ['svm1'], name: ['nfs'] });
    expect(read('-vserver', 'svm1', 'nfs', '-instance')).toMatchObject({ vserver: ['svm1'], name: ['nfs'] });
    expect(read('--', '-instance')).toEqual({ vserver: ['-instance'] });
    expect(failure('a', 'b', 'c').message).toContain('"c" is a word too many');
  });

  it.each([{ isRequired: true }, { isName: true }])('gives bare words first to what is %j', (first) => {
    const needed = parameters.map((each) => (each.name === 'name' ? { ...each, ...first } : each));
    const values = (...words: readonly string[]) => Object.fromEntries(parse(needed, words).values);
    expect(values('nfs')).toEqual({ name: ['nfs'] });
    expect(values('svm1', 'nfs')).toEqual({ vserver: ['svm1'], name: ['nfs'] });
    expect(values('-name', 'nfs', 'svm1')).toEqual({ vserver: ['svm1'], name: ['nfs'] });
  });

  it('takes queries, numbers below zero and dashes for values', () => {
    expect(read('-name', '!nfs*|smb')).toEqual({ name: ['!nfs*|smb'] });
    expect(read('-name', '-5')).toEqual({ name: ['-5'] });
    expect(read('-name', '-')).toEqual({ name: ['-'] });
    expect(read('-name', '--strange')).toEqual({ name: ['--strange'] });
    expect(read('-name=-instance')).toEqual({ name: ['-instance'] });
  });

  it('misses a value where the next word is a parameter', () => {
    expect(failure('-name', '-instance').message).toContain('"-name=-instance"');
    expect(failure('-name').message).toBe('-name needs a value.');
  });

  it('lets values out where there is one that is meant', () => {
    expect(read('-is-enabled', '-instance')).toEqual({ 'is-enabled': ['true'], instance: ['true'] });
    expect(read('svm1', '-watch')).toEqual({ watch: ['2'], vserver: ['svm1'] });
    expect(read('-watch', '-instance')).toEqual({ watch: ['2'], instance: ['true'] });
    expect(read('-watch', '--', 'svm1')).toEqual({ watch: ['2'], vserver: ['svm1'] });
    expect(read('-watch', '5', 'svm1')).toEqual({ watch: ['5'], vserver: ['svm1'] });
    expect(read('-watch', '-5')).toEqual({ watch: ['-5'] });
    expect(read('-watch', 'true', 'svm1')).toEqual({ watch: ['2'], vserver: ['svm1'] });
    expect(read('-watch', 'false', 'svm1')).toEqual({ vserver: ['svm1'] });
    expect(read('-watch=false')).toEqual({});
    expect(read('-instance', 'false', 'svm1')).toEqual({ instance: ['false'], vserver: ['svm1'] });
  });

  it.each(['svm1', '2s', '*', '1.5'])(
    'takes no %s for a number that may be left out, nor for a record',
    (word) => {
      const taught = `-watch takes SECONDS or nothing, not "${word}". If that names a record, it goes first: "${word} -watch".`;
      expect(failure('-watch', word).message).toBe(taught);
      expect(failure(`-watch=${word}`).message).toBe(taught);
    },
  );

  it('collects lists, and takes everything else once', () => {
    expect(read('-fields', 'a,b', '-fields', 'c')).toEqual({ fields: ['a,b', 'c'] });
    expect(failure('-name', 'a', '-name', 'b').message).toBe('-name is given twice.');
  });

  it('knows a secret by the beginning that it shares with its file', () => {
    expect(read('-shared')).toEqual({ 'shared-key': [''] });
    expect(read('-shared-key-f', 'key.txt')).toEqual({ 'shared-key-file': ['key.txt'] });
  });

  it('tells what an abbreviation may be, and what is unknown', () => {
    expect(failure('-local', 'x').message).toBe(
      '"-local" may be -local-ip-subnets, -local-ports: write more of it.',
    );
    expect(failure('-lokal', 'x')).toBeInstanceOf(UnknownParameterError);
    expect(failure('-lokal', 'x')).toMatchObject({ status: exitStatus.misused });
  });

  it('hears questions, of a parameter or the command', () => {
    expect(parse(parameters, ['-name', '?']).question).toMatchObject({ name: 'name' });
    expect(parse(parameters, ['-name', 'x', '?']).question).toBe('command');
    expect(parse(parameters, ['--help', '-nonsense']).question).toBe('command');
    expect(parse(parameters, ['-name=?']).question).toBeUndefined();
  });
});
