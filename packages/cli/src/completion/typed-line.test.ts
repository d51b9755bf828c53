import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { quoted, readTypedLine, replaceable } from './typed-line.ts';

const breaks = ' \t\n"\'@><=;|&(:';

describe('reading a line that is being typed', () => {
  it.each([
    ['esplanade sec', ['esplanade'], 'sec'],
    ['esplanade security ', ['esplanade', 'security'], ''],
    [String.raw`x nfs\ home\"`, ['x'], 'nfs home"'],
    [`x 'it is' "a \\"b\\" \\n`, ['x', 'it is'], String.raw`a "b" \n`],
    [`x --name="a b"c`, ['x'], '--name=a bc'],
    ['x ""', ['x'], ''],
    ['x "" ', ['x', ''], ''],
  ])('%s', (line, words, partial) => {
    expect(readTypedLine(line)).toMatchObject({ words, partial });
  });

  it.each([
    ['esplanade show -n nf', '', 'nf', 'none'],
    ['esplanade show --name=nf', '--name=', 'nf', 'none'],
    ['esplanade show 2001:db8::', '2001:db8::', '', 'none'],
    [String.raw`esplanade show nfs\ h`, '', String.raw`nfs\ h`, 'none'],
    ['esplanade show "nfs h', '', 'nfs h', 'double'],
    [`esplanade show --name='a:b`, '--name=', 'a:b', 'single'],
  ])('%s: readline replaces what it breaks off', (line, kept, replaced, quoting) => {
    const typed = readTypedLine(line, { breaks });
    expect(typed.partial.slice(0, typed.kept)).toBe(kept);
    expect(line.slice(typed.replacedFrom)).toBe(replaced);
    expect(typed.quoting).toBe(quoting);
  });

  it('knows the file of a redirection, which is no word', () => {
    const rules = { breaks, hasRedirection: true };
    expect(readTypedLine('esplanade show >out', rules)).toMatchObject({
      words: ['esplanade', 'show'],
      partial: 'out',
      isRedirected: true,
    });
    expect(readTypedLine('esplanade show > out -n', rules)).toMatchObject({
      words: ['esplanade', 'show'],
      partial: '-n',
      isRedirected: false,
    });
    expect(readTypedLine(`esplanade show '>100'`, rules)).toMatchObject({
      partial: '>100',
      isRedirected: false,
    });
  });
});

it('what is replaced goes on from what is left', () => {
  const typed = readTypedLine('esplanade delete --name=a:b', { breaks });
  const values = ['--name=a:bc', '--name="a:b*"'].map((value) => ({ value }));
  expect(replaceable(values, typed)).toEqual([{ value: '--name=a:bc' }]);
});

describe('quoting', () => {
  const nasty = `a b'c"d$e\`f\\g*h?[i]{j}~k#l!m;n&o|p<q>r(s):t@u=v,w%x+y.z/ü`;

  it.each([
    ['none', '', ''],
    ['double', '"', '"'],
    ['single', "'", "'"],
  ] as const)('is undone by bash and by reading: %s', (quoting, open, close) => {
    const typed = open + quoted(nasty, quoting) + close;
    expect(readTypedLine(typed).partial).toBe(nasty);
    expect(execFileSync('bash', ['-c', `printf %s ${typed}`], { encoding: 'utf8' })).toBe(nasty);
  });
});
