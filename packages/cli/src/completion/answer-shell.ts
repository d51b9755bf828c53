import { commandTable } from '../command-table.ts';
import { type ExitStatus, exitStatus } from '../exit-status.ts';
import { type Candidate, type Completion, complete } from './complete.ts';
import { completionWorld } from './completion-world.ts';
import { type Quoting, quoted, readTypedLine, replaceable } from './typed-line.ts';

/** Where completion is asked from. */
export interface CompletionProcess {
  readonly environment: NodeJS.ProcessEnv;
  /** To standard output, which the shell's script reads. */
  write(text: string): void;
  /** To standard error, which the shell's script throws away: why there are no values. */
  note(text: string): void;
}

/**
 * What `esplanade __complete` does for the scripts of `esplanade completion`. Prints `files`, for the shell to complete
 * names of files, or `words` and the candidates, one a line with a tab before its description.
 *
 * `bash LINE BREAKS` has the line up to the cursor, and prints what is to be put in the place of the word that readline
 * breaks off at `BREAKS`, quoted. `zsh PARTIAL WORD…` has words without quotes, and `fish` the same with `PARTIAL` as it was
 * typed; these two quote what is printed themselves.
 */
export async function answerShell(args: readonly string[], process: CompletionProcess): Promise<ExitStatus> {
  const [shell, partial = '', ...words] = args;
  const { environment, note } = process;
  const world = completionWorld(commandTable, environment, {
    note,
    connect: async (given, signal) => {
      const [{ openConnection }, { silentTerminal }] = await Promise.all([
        import('../connection/index.ts'),
        import('./silent-terminal.ts'),
      ]);
      return openConnection(given, environment, silentTerminal(note), signal);
    },
  });
  switch (shell) {
    case 'bash': {
      const typed = readTypedLine(partial, { breaks: words[0] ?? '', hasRedirection: true });
      if (typed.isRedirected) print({ kind: 'files' }, process);
      else {
        const completion = await complete(typed.words.slice(1), typed.partial, world);
        const fitting: Completion =
          completion.kind === 'files'
            ? completion
            : { ...completion, candidates: replaceable(completion.candidates, typed) };
        print(fitting, process, ({ value }) => replacement(value.slice(typed.kept), typed.quoting));
      }
      return exitStatus.done;
    }
    case 'zsh':
      print(await complete(words, partial, world), process);
      return exitStatus.done;
    case 'fish':
      print(await complete(words, readTypedLine(partial).partial, world), process);
      return exitStatus.done;
    default:
      return exitStatus.misused;
  }
}

/** Readline takes a quote at the beginning for the one that is open already, and would have one too few. */
function replacement(text: string, quoting: Quoting): string {
  const typed = quoted(text, quoting);
  return quoting === 'single' && typed.startsWith("'") ? `'${typed}` : typed;
}

function print(
  completion: Completion,
  process: CompletionProcess,
  text = ({ value }: Candidate) => value,
): void {
  if (completion.kind === 'files') process.write('files\n');
  else {
    const lines = completion.candidates.map((candidate) =>
      candidate.description === undefined ? text(candidate) : `${text(candidate)}\t${candidate.description}`,
    );
    process.write(['words', ...lines, ''].join('\n'));
  }
}
