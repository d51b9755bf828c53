import { describe, expect, it } from 'vitest';
import type { CommandEntry } from '../command.ts';
import { readShellLine } from './shell-line.ts';

const entry = (line: string): CommandEntry => ({
  words: line.split(' '),
  summary: '',
  load: async () => ({
    description: [],
    parameters: [],
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
});
