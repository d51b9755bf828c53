import type { Api, ErrorDetail } from '@esplanade/sdk';
import type { Arguments, CommandEntry } from './command.ts';
import { type ExitStatus, exitStatus } from './exit-status.ts';
import type { OutputFormat } from './output/output.ts';
import { misused } from './parse.ts';
import type { Terminal } from './terminal.ts';
import { understand } from './understand.ts';
import { findCommand } from './words.ts';
import type { Progress, World } from './world.ts';

/** Executes one line, of which these are the words. Failures become a sentence on the terminal and a status; nothing is thrown. */
export async function execute(words: readonly string[], world: World): Promise<ExitStatus> {
  const progress: Progress = { path: [] };
  try {
    return await run(words, world, progress);
  } catch (error) {
    const { tellFailure } = await import('./failure.ts');
    return tellFailure(error, progress, world);
  }
}

async function run(words: readonly string[], world: World, progress: Progress): Promise<ExitStatus> {
  const { terminal, commands } = world;
  const [first] = words;
  if (first === '--version' || first === '-version') {
    const { version } = await import('./version.ts');
    terminal.write(`esplanade ${version}\n`);
    return exitStatus.done;
  }
  const found = findCommand(
    commands,
    first?.startsWith('-') || first === 'help' ? await reordered(words) : words,
  );
  switch (found.kind) {
    case 'group': {
      const { groupHelp } = await import('./help.ts');
      const help = groupHelp(commands, found.words, found.prefix, readingIn(world));
      if (found.isQuestion) {
        terminal.write(help);
        return exitStatus.done;
      }
      terminal.note(help);
      return exitStatus.misused;
    }
    case 'ambiguous':
    case 'unknown': {
      const { wrongWord } = await import('./suggest.ts');
      throw wrongWord(found, commands, world.program);
    }
    case 'command':
      return runCommand(found.entry, found.rest, world, progress);
  }
}

function readingIn({ terminal, program }: World) {
  return { columns: terminal.columns, program };
}

/** `esplanade -profile lab policy show` and `esplanade help policy show`, too, are understood. */
async function reordered(words: readonly string[]): Promise<readonly string[]> {
  const { wordsFirst } = await import('./words-first.ts');
  return wordsFirst(words);
}

async function runCommand(
  entry: CommandEntry,
  rest: readonly string[],
  world: World,
  progress: Progress,
): Promise<ExitStatus> {
  progress.path = entry.words;
  const command = await entry.load();
  progress.command = command;
  const understood = await understand(command, rest, world);
  if (understood.kind === 'question') {
    const { commandHelp, parameterHelp } = await import('./help.ts');
    const { question } = understood;
    world.terminal.write(
      question === 'command'
        ? commandHelp(entry, command, readingIn(world))
        : parameterHelp(question, world.terminal),
    );
    return exitStatus.done;
  }
  const { given } = understood;
  const format = formatOf(given);
  const open = opener(given, world);
  progress.given = given;
  progress.api = open;
  const { makeOutput } = await import('./output/make-output.ts');
  const runOn = (
    terminal: Terminal,
    signal: AbortSignal,
    onIncomplete: (detail: ErrorDetail, observedAt?: string) => void,
  ): Promise<ExitStatus> => {
    const { environment, commands } = world;
    return command.run(given, {
      api: async () => (await open()).with({ onIncomplete }),
      output: makeOutput(format, terminal),
      terminal,
      environment,
      signal,
      commands,
    });
  };
  const terminal = given.has('no-color') ? await withoutColour(world.terminal) : world.terminal;
  if (!given.has('watch')) {
    const { printable } = await import('./output/printable.ts');
    const { notCurrent } = await import('./output/not-current.ts');
    const told = new Set<string>();
    return runOn(terminal, world.signal, ({ message }, observedAt) => {
      if (!told.has(message)) terminal.note(`${printable(notCurrent(message, observedAt))}\n`);
      told.add(message);
    });
  }
  const { watch } = await import('./watch/watch.ts');
  const { sentenceOf } = await import('./failure.ts');
  return watch({
    terminal,
    signal: world.signal,
    line: [...entry.words, ...rest].join(' '),
    everySeconds: Number(given.text('watch')),
    format,
    run: runOn,
    tell: (error) => sentenceOf(error, progress),
  });
}

async function withoutColour(terminal: Terminal): Promise<Terminal> {
  const { overlaid } = await import('./overlaid-terminal.ts');
  return overlaid(terminal, { hasColour: false });
}

/** One connection for all that a line asks. */
function opener(given: Arguments, world: World): () => Promise<Api> {
  let api: Promise<Api> | undefined;
  return () => {
    api ??= world.connect === undefined ? openProfile(given, world) : world.connect(given);
    return api;
  };
}

async function openProfile(given: Arguments, { environment, terminal, signal }: World): Promise<Api> {
  const { openConnection } = await import('./connection/index.ts');
  return openConnection(given, environment, terminal, signal);
}

function formatOf(given: Arguments): OutputFormat {
  const formats = (['instance', 'json', 'yaml', 'csv'] as const).filter(
    (name) => given.text(name) === 'true',
  );
  const [format = 'table', other] = formats;
  if (other !== undefined) throw misused(`-${format} and -${other} are two formats: give one.`);
  return format;
}
