import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConflictError, ConnectionError, ForbiddenError, UnavailableError } from '@esplanade/sdk';
import { describe, expect, it } from 'vitest';
import type { Arguments, Command, CommandEntry, Parameter } from './command.ts';
import { execute } from './execute.ts';
import { CommandError, exitStatus, InterruptedError } from './exit-status.ts';
import { recordingTerminal } from './testing/recording-terminal.ts';
import { type LineOptions, runLine } from './testing/run-line.ts';
import { UnknownNameError } from './unknown-name-error.ts';

const text = { kind: 'text', placeholder: 'TEXT' } as const;
const parameters: readonly Parameter[] = [
  { name: 'name', value: text, help: 'Its name', isPositional: true, isRequired: true, target: 'deep.name' },
  { name: 'count', value: { kind: 'integer', placeholder: 'NUMBER' }, help: 'How many' },
  { name: 'is-on', value: { kind: 'boolean' }, help: 'Whether it is on' },
  {
    name: 'color',
    value: { kind: 'choice', choices: ['LIGHT_RED', 'blue'] },
    help: 'Which',
    fallback: 'blue',
  },
  { name: 'tags', value: { kind: 'list', placeholder: 'TAG' }, help: 'Some' },
  { name: 'key', value: { kind: 'secret' }, help: 'The key' },
  { name: 'uuid', value: text, help: 'Its UUID', target: 'uuid' },
  { name: 'body', value: { kind: 'file', placeholder: 'FILE' }, help: 'What is in a file' },
];

let seen: Arguments | undefined;
let outcome: () => void = () => undefined;
const command: Command = {
  description: ['Makes a thing of what is given.', 'It is not hard.'],
  parameters,
  examples: [{ line: 'thing make one -count 3', explains: 'Three of one' }],
  run: async (given) => {
    seen = given;
    outcome();
    return exitStatus.done;
  },
};
const commands: readonly CommandEntry[] = [
  { words: ['thing', 'make'], summary: 'Make a thing', load: async () => command },
  { words: ['thing', 'unmake'], summary: 'Unmake a thing', load: async () => command },
  { words: ['other'], summary: 'Do something else', load: async () => command },
];

const line = (words: string, options: LineOptions = {}) => runLine(commands, words.split(' '), options);
const failing = async (error: unknown, words = 'thing make one') => {
  outcome = () => {
    throw error;
  };
  const result = await line(words);
  outcome = () => undefined;
  return result;
};

describe('values', () => {
  it('are checked and spelled as the parameter has them', async () => {
    expect(
      await line('thing make one -count 3 -is-on yes -color light-red -tags a,b -tags "c,d"'),
    ).toMatchObject({ status: 0 });
    expect(['count', 'is-on', 'color'].map((name) => seen?.text(name))).toEqual(['3', 'true', 'LIGHT_RED']);
    expect(seen?.list('tags')).toEqual(['a', 'b', 'c,d']);
    expect(seen?.has('key')).toBe(false);
  });

  it.each([
    ['-count x', '-count is a whole number, not "x".'],
    ['-is-on maybe', '-is-on is true or false, not "maybe".'],
    ['-color green', '-color is one of LIGHT_RED, blue, not "green".'],
    ['-body /nowhere', '-body: "/nowhere" cannot be read: there is no such file.'],
    ['-body /', '-body: "/" cannot be read: it is a directory.'],
    ['-body /dev/zero', '-body: "/dev/zero" cannot be read: it is larger than 16 MiB.'],
    ['-colr blue', 'There is no parameter "-colr". Did you mean -color?'],
    ['-xyz blue', 'There is no parameter "-xyz". "esplanade thing make --help" tells which there are.'],
  ])('%s is refused', async (words, sentence) => {
    const { status, notes } = await line(`thing make one ${words}`);
    expect(status).toBe(exitStatus.misused);
    expect(notes).toContain(sentence);
  });

  it('in braces are not for commands that select nothing', async () => {
    expect(await line('thing make {-count 3}')).toMatchObject({
      status: 2,
      notes: expect.stringMatching(/braces/),
    });
    expect(await line('thing make {one*}')).toMatchObject({ status: 0 });
    expect(seen?.text('name')).toBe('{one*}');
  });

  it('that are required and missing are told', async () => {
    expect(await line('thing make')).toMatchObject({ status: 2, notes: 'esplanade: Missing: NAME.\n' });
  });
});

describe('secrets', () => {
  it('are not taken from the command line, and not repeated', async () => {
    const { status, notes } = await line('thing make one -key hunter2');
    expect(status).toBe(exitStatus.misused);
    expect(notes).toContain('-key-file FILE');
    expect(notes).not.toContain('hunter2');
  });

  it('are asked for, or read from standard input', async () => {
    await line('thing make one -key', { columns: 80, answers: ['hunter2'] });
    expect(seen?.text('key')).toBe('hunter2');
    await line('thing make one -key-file -', { input: 'hunter3\n' });
    expect(seen?.text('key')).toBe('hunter3');
    expect(await line('thing make one -key')).toMatchObject({ status: 2 });
  });

  it.each([
    ['', '-key-file: there is nothing in it.'],
    ['\n', '-key-file: there is nothing in it.'],
    ['hunter2\nhunter3\n', '-key-file: a secret is one line, and this is more than one.'],
  ])('are one line, and not %j', async (input, sentence) => {
    const { status, notes } = await line('thing make one -key-file -', { input });
    expect(status).toBe(exitStatus.misused);
    expect(notes).toBe(`esplanade: ${sentence}\n`);
  });

  it('in bytes that are not UTF-8 are refused, as others would be equal to them', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'esplanade-secret-'));
    try {
      const path = join(directory, 'key');
      await writeFile(path, Buffer.from('p\xe4sswort12\n', 'latin1'));
      const { status, notes } = await line(`thing make one -key-file ${path}`);
      expect(notes).toBe(`esplanade: -key-file: "${path}" cannot be read: it is not text in UTF-8.\n`);
      expect(status).toBe(exitStatus.misused);
      await writeFile(path, '\ufeffpässwort12\r\n');
      await line(`thing make one -key-file ${path}`);
      expect(seen?.text('key')).toBe('pässwort12');
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('are not shown where - stands for standard input and that is a terminal', async () => {
    const { notes } = await line('thing make one -key-file -', { columns: 80, answers: ['hunter2'] });
    expect(seen?.text('key')).toBe('hunter2');
    expect(seen?.has('key-file')).toBe(false);
    expect(notes).toMatch(/: $/);
  });

  it.each([
    [0o600, ''],
    [0o640, ''],
    [0o644, 'Everybody on this machine can read'],
  ])('in a file of mode %o are read, and who else can read them is said', async (mode, sentence) => {
    const directory = await mkdtemp(join(tmpdir(), 'esplanade-secret-'));
    try {
      const path = join(directory, 'key');
      await writeFile(path, 'hunter4\n');
      await chmod(path, mode);
      const { status, notes } = await line(`thing make one -key-file ${path}`);
      expect(status).toBe(0);
      expect(seen?.text('key')).toBe('hunter4');
      expect(notes.slice(0, sentence.length || undefined)).toBe(sentence);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe('words that lead nowhere', () => {
  it.each([
    ['thing mke', 'There is no command "thing mke". Did you mean "esplanade thing make"?'],
    ['thing xyz', 'There is no command "thing xyz". There are: make, unmake.'],
    ['unmake one -key x', 'Did you mean "esplanade thing unmake one"?'],
    ['unmake', 'There is no command "unmake". Did you mean "esplanade thing unmake"?'],
    ['zz?', 'There is no command "zz". There are: '],
    ['thin m one', ''],
    ['-json thing make one', ''],
  ])('%s', async (words, sentence) => {
    const { status, notes } = await line(words);
    expect(notes).toContain(sentence);
    expect(status).toBe(sentence === '' ? 0 : exitStatus.misused);
  });
});

describe('help', () => {
  it('of a command has its parameters and examples', async () => {
    for (const words of [
      'thing make ?',
      'thing make --help',
      'help thing make',
      'thing make -count --help',
    ]) {
      const { status, output } = await line(words);
      expect(status).toBe(0);
      if (words !== 'thing make -count --help') expect(output).toContain('esplanade thing make one -count 3');
    }
  });

  it('of a parameter has its choices', async () => {
    const { output } = await line('thing make one -color ?');
    expect(output).toBe('  -color  Which (without it: blue): LIGHT_RED, blue\n');
  });

  it('of a directory goes to standard output when it was asked for, and is a mistake otherwise', async () => {
    const asked = await line('thing ?');
    const unasked = await line('thing');
    expect(asked).toMatchObject({ status: 0, output: expect.stringContaining('unmake  Unmake a thing') });
    expect(unasked).toEqual({ status: 2, output: '', notes: asked.output });
  });

  it('fits the terminal', async () => {
    const { output } = await line('thing make ?', { columns: 50 });
    const lines = output.split('\n').filter((each) => !each.startsWith('  esplanade'));
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(50);
  });
});

it('is told without the name of the program where that is not typed', async () => {
  const terminal = recordingTerminal();
  const world = { terminal, environment: {}, signal: new AbortController().signal, commands, program: '' };
  for (const words of ['?', 'thing ?', 'thing make ?', 'thing mke']) await execute(words.split(' '), world);
  expect(terminal.output).toMatch(/^COMMAND \[PARAMETERS\]\n/);
  expect(terminal.output).not.toContain('\n  serve ');
  expect(terminal.output).toContain('\nthing COMMAND\n');
  expect(terminal.output).toContain('\n  thing make one -count 3\n');
  expect(terminal.notes).toContain('Did you mean "thing make"?');
  expect(`${terminal.output}${terminal.notes}`).not.toMatch(/^ *esplanade |esplanade (?:thing|COMMAND)/m);
});

describe('a failure', () => {
  const detail = { code: '262197', message: 'The value is wrong' };
  it.each([
    [new CommandError(exitStatus.failed, 'It broke.'), 1, 'It broke.'],
    [
      new UnknownNameError(3, 'No profile "mai".', 'mai', ['lab', 'main']),
      3,
      'No profile "mai". Did you mean "main"?',
    ],
    [
      new ConflictError(409, { code: '1', message: 'duplicate entry', target: 'deep.name' }),
      5,
      '-name: There is "one" already.',
    ],
    [new ConflictError(409, { ...detail, target: 'uuid' }), 5, 'The value is wrong.'],
    [new ConflictError(409, detail), 5, 'The value is wrong. (ONTAP error 262197)'],
    [new ConflictError(409, { ...detail, target: 'deep.name' }), 5, '-name: The value is wrong.'],
    [new ForbiddenError(403, detail), 4, 'The value is wrong.'],
    [new UnavailableError(503, detail, 7), 8, 'The value is wrong. Try again in 7 s.'],
    [new ConnectionError('Nobody answers.'), 7, 'Nobody answers.\n'],
    [
      new ConnectionError('It broke.', { mayBeDone: true }),
      7,
      'It broke. It may have been done all the same: look before you repeat it.\n',
    ],
    [new TypeError('a defect'), 1, 'TypeError: a defect'],
  ])('%s', async (error, status, sentence) => {
    const result = await failing(error);
    expect(result.status).toBe(status);
    expect(result.notes).toContain(`esplanade: ${sentence}`);
  });

  it('is an interruption after Ctrl-C, and nothing is said', async () => {
    expect(await failing(new InterruptedError())).toEqual({ status: 130, output: '', notes: '' });
    const result = await line('thing make one -count x', { signal: AbortSignal.abort() });
    expect(result).toEqual({ status: 130, output: '', notes: '' });
  });
});

it('two formats are one too many', async () => {
  expect(await line('thing make one --json --csv')).toMatchObject({
    status: 2,
    notes: 'esplanade: -json and -csv are two formats: give one.\n',
  });
});
