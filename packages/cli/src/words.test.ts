import { describe, expect, it } from 'vitest';
import type { CommandEntry } from './command.ts';
import { findCommand, nextWords } from './words.ts';

const table: readonly CommandEntry[] = [
  'security ipsec policy show',
  'security ipsec policy create',
  'security ipsec show-ikesa',
  'security ipsec show-ipsecsa',
  'security certificate show',
  'security login show',
  'security login password',
  'security login role show',
  'serve',
  'status',
].map((line) => ({
  words: line.split(' '),
  summary: line,
  load: () => Promise.reject(new Error('finding a command loads none')),
}));

const find = (line: string) => findCommand(table, line.split(' '));
const commandOf = (line: string) => {
  const found = find(line);
  return found.kind === 'command' ? [found.entry.words.join(' '), found.rest] : found;
};

describe('finding a command', () => {
  it.each([
    ['security ipsec policy show', 'security ipsec policy show', []],
    ['sec ips pol sh', 'security ipsec policy show', []],
    ['sec i p s svm1 nfs', 'security ipsec policy show', ['svm1', 'nfs']],
    ['sec ips pol sh -name nfs', 'security ipsec policy show', ['-name', 'nfs']],
    ['sec ips show-ik', 'security ipsec show-ikesa', []],
    ['st', 'status', []],
    ['sec log rol s ?', 'security login role show', ['?']],
    ['sta --help', 'status', ['--help']],
  ])('understands %s', (line, words, rest) => {
    expect(commandOf(line)).toEqual([words, rest]);
  });

  it('lists what an abbreviation may be', () => {
    expect(find('sec ips show')).toEqual({
      kind: 'ambiguous',
      words: ['security', 'ipsec'],
      word: 'show',
      candidates: ['show-ikesa', 'show-ipsecsa'],
    });
    expect(find('s ips')).toMatchObject({ kind: 'ambiguous', candidates: ['security', 'serve', 'status'] });
  });

  it('says which word leads nowhere', () => {
    expect(find('sec ipsex pol')).toMatchObject({ kind: 'unknown', words: ['security'], word: 'ipsex' });
  });

  it('takes a question mark for a wish for help, also behind the beginning of a word', () => {
    expect(find('sec ips ?')).toMatchObject({
      kind: 'group',
      words: ['security', 'ipsec'],
      isQuestion: true,
    });
    expect(find('sec zz?')).toMatchObject({ kind: 'unknown', word: 'zz' });
    expect(find('sec ips pol?')).toMatchObject({ kind: 'group', prefix: 'pol', isQuestion: true });
    expect(find('sec ips')).toMatchObject({ kind: 'group', isQuestion: false });
  });

  it('tells what may follow', () => {
    expect(nextWords(table, [])).toEqual(['security', 'serve', 'status']);
    expect(nextWords(table, ['security', 'login'])).toEqual(['show', 'password', 'role']);
  });
});
