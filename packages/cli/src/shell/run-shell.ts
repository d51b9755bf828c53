import { type Api, ApiError, UnauthorizedError } from '@esplanade/sdk';
import type { Arguments, CommandEntry, Context } from '../command.ts';
import { complete } from '../completion/complete.ts';
import { completionWorld } from '../completion/completion-world.ts';
import { quoted, readTypedLine, replaceable } from '../completion/typed-line.ts';
import { execute } from '../execute.ts';
import { type ExitStatus, exitStatus } from '../exit-status.ts';
import { helpWidth, twoColumns } from '../help-text.ts';
import { printable } from '../output/printable.ts';
import { misused } from '../parse.ts';
import { filesFrom } from './files.ts';
import { HistoryFile } from './history-file.ts';
import { keepingOf } from './keeping.ts';
import { LineEditor, type LineHelp } from './line-editor.ts';
import { fromTop, readShellLine, type ShellLine, shellWords } from './shell-line.ts';

/** No line that a person types is as long, nor one that a program has a reason to write. */
const longestLine = 65_536;

/** Parameters with which a line goes somewhere else than the shell. */
const elsewhere = ['profile', 'url', 'user', 'timeout'];

/**
 * The shell, until whoever types leaves it, or standard input ends; `outside` are commands that it does not have. The status is
 * that of the last command.
 */
export async function runShell(
  given: Arguments,
  context: Context,
  outside: readonly CommandEntry[],
): Promise<ExitStatus> {
  const { terminal, signal } = context;
  const api = await context.api();
  if (terminal.isTerminal && terminal.canAsk)
    return await new Session(given, context, api, outside).converse(await clusterName(api));
  const { overlaid } = await import('../overlaid-terminal.ts');
  const readInput = async (): Promise<never> => {
    throw misused('Standard input has the lines of the shell: name a file.');
  };
  const lines = (await terminal.readInput()).split('\n');
  const session = new Session(
    given,
    { ...context, terminal: overlaid(terminal, { readInput }) },
    api,
    outside,
  );
  for (const line of lines) {
    if ((await session.run(line, signal)) === 'left' || signal.aborted) break;
    if (session.status !== exitStatus.done && wantsInput(line)) {
      terminal.note('The lines after it are not run: they may have been meant for its input.\n');
      break;
    }
  }
  return session.status;
}

/** Whether a line reads something, a secret perhaps, from standard input. */
function wantsInput(line: string): boolean {
  return readTypedLine(`${line} `).words.some((word) => word === '-' || word.endsWith('=-'));
}

/** Lines that follow one another: over one connection, each in the directory that those before have led to. */
class Session {
  readonly #given: Arguments;
  readonly #context: Context;
  readonly #api: Api;
  readonly #outside: readonly CommandEntry[];
  #path: readonly string[] = [];
  /** Of the last command. */
  status: ExitStatus = exitStatus.done;
  #history: string[] = [];

  constructor(given: Arguments, context: Context, api: Api, outside: readonly CommandEntry[]) {
    this.#given = given;
    this.#context = context;
    this.#api = api;
    this.#outside = outside;
  }

  /** Asks for lines on the terminal. */
  async converse(cluster: string): Promise<ExitStatus> {
    const { terminal, environment } = this.#context;
    const file = new HistoryFile(environment);
    const keep = await this.#openHistory(file);
    const editor = new LineEditor(
      { input: process.stdin, output: process.stdout },
      this.#history,
      this.#help(),
    );
    // Ctrl-C is for the command that runs, and there may be many.
    const before = process.listeners('SIGINT');
    process.removeAllListeners('SIGINT');
    let interruption = new AbortController();
    const onInterrupt = (): void => interruption.abort();
    process.on('SIGINT', onInterrupt);
    try {
      for (;;) {
        const line = await editor.read(`${cluster}::${this.#path.join(' ')}> `);
        if (line === undefined) {
          terminal.note('\n');
          return this.status;
        }
        const isRead = line.length <= longestLine;
        const keeping = isRead ? await keepingOf(line, this.#path, this.#context.commands) : 'never';
        if (keeping === 'never' || keeping === 'once-done') editor.forget(this.#history, line);
        if (keeping === 'kept' && line.trim() !== '') await keep(line);
        interruption = new AbortController();
        if ((await this.run(line, interruption.signal)) === 'left') return this.status;
        if (keeping === 'once-done' && this.status === exitStatus.done) {
          editor.remember(this.#history, line);
          await keep(line);
        }
        if (interruption.signal.aborted) terminal.note('\n');
      }
    } finally {
      editor.close();
      process.off('SIGINT', onInterrupt);
      for (const listener of before) process.on('SIGINT', listener);
    }
  }

  /** Does what a line says. */
  async run(text: string, signal: AbortSignal): Promise<'left' | 'done'> {
    if (text.length > longestLine) {
      this.#context.terminal.note(`esplanade: A line of more than ${longestLine} characters is not read.\n`);
      this.status = exitStatus.misused;
      return 'done';
    }
    const line = readShellLine(text, this.#path, this.#context.commands, this.#outside);
    if (line.kind === 'leave') return 'left';
    if (line.kind !== 'nothing') this.status = await this.#do(line, signal);
    return 'done';
  }

  async #do(
    line: Exclude<ShellLine, { kind: 'nothing' | 'leave' }>,
    signal: AbortSignal,
  ): Promise<ExitStatus> {
    const { terminal, environment, commands } = this.#context;
    switch (line.kind) {
      case 'enter':
        this.#path = line.path;
        return exitStatus.done;
      case 'history':
        terminal.write(
          [...this.#history]
            .reverse()
            .map((entered) => `${entered}\n`)
            .join(''),
        );
        return exitStatus.done;
      case 'wrong':
        terminal.note(`esplanade: ${line.message}\n`);
        return exitStatus.misused;
      case 'execute':
        return await execute(line.words, {
          terminal,
          environment,
          commands,
          program: '',
          signal,
          connect: (given) => this.#connect(given, signal),
        });
    }
  }

  async #connect(given: Arguments, signal: AbortSignal): Promise<Api> {
    if (!elsewhere.some((name) => given.has(name))) return this.#api.with({ signal });
    const { openConnection } = await import('../connection/index.ts');
    const both: Arguments = {
      has: (name) => given.has(name) || this.#given.has(name),
      text: (name) => given.text(name) ?? this.#given.text(name),
      list: (name) => (given.has(name) ? given : this.#given).list(name),
    };
    return openConnection(both, this.#context.environment, this.#context.terminal, signal);
  }

  /** Reads what was entered before, and gives what keeps a line; where it cannot be kept, says so once and goes on. */
  async #openHistory(file: HistoryFile): Promise<(line: string) => Promise<void>> {
    let isKept = true;
    const attempt = async (work: () => Promise<void>): Promise<void> => {
      if (!isKept) return;
      try {
        await work();
      } catch (error) {
        isKept = false;
        const reason = error instanceof Error ? error.message : String(error);
        this.#context.terminal.note(`Lines are not kept for the next time: ${reason}\n`);
      }
    };
    await attempt(async () => {
      this.#history = await file.read();
    });
    return (line) => attempt(() => file.append(line));
  }

  #help(): LineHelp {
    return {
      complete: async (line) => {
        const typed = readTypedLine(line);
        const found = replaceable(await this.#candidates(typed.words, typed.partial), typed);
        const end = typed.quoting === 'none' ? ' ' : typed.quoting === 'single' ? "' " : '" ';
        const texts = found.map(({ value }) => quoted(value.slice(typed.kept), typed.quoting));
        const only = texts.length === 1 && found[0]?.value.endsWith('/') === false;
        return [only ? texts.map((text) => text + end) : texts, line.slice(typed.replacedFrom)];
      },
      explain: (line) => {
        const { words, partial, quoting } = readTypedLine(line);
        if (quoting !== 'none') return undefined;
        return partial === '' ? this.#helpOf(words) : this.#listed(words, partial);
      },
    };
  }

  async #candidates(words: readonly string[], partial: string) {
    const { commands, environment } = this.#context;
    const world = completionWorld(commands, environment, {
      connect: async () => this.#api,
      note: () => undefined,
    });
    const from = async (start: readonly string[]) => {
      const completion = await complete(start, partial, world);
      return completion.kind === 'files' ? filesFrom(partial) : completion.candidates;
    };
    if (words.length > 0) return await from(fromTop(words, this.#path, commands));
    const here = await from(this.#path);
    const own = Object.entries(shellWords)
      .filter(([word]) => partial !== '' && word.startsWith(partial))
      .map(([value, description]) => ({ value, description }));
    const top = here.length === 0 && this.#path.length > 0 ? await from([]) : [];
    const all = new Map([...top, ...here, ...own].map((candidate) => [candidate.value, candidate]));
    return [...all.values()];
  }

  async #helpOf(words: readonly string[]): Promise<string> {
    const { terminal, environment, commands, signal } = this.#context;
    let text = '';
    const write = (part: string): void => {
      text += part;
    };
    const { overlaid } = await import('../overlaid-terminal.ts');
    const asked = words.length === 0 ? this.#path : fromTop(words, this.#path, commands);
    await execute([...asked, '?'], {
      terminal: overlaid(terminal, { write, note: write }),
      environment,
      commands,
      program: '',
      signal,
    });
    return text;
  }

  async #listed(words: readonly string[], partial: string): Promise<string> {
    const found = await this.#candidates(words, partial);
    const rows = found.map(({ value, description = '' }) => [value, description] as const);
    return rows.length === 0
      ? 'Nothing begins so.\n'
      : twoColumns(rows, helpWidth(this.#context.terminal.columns));
  }
}

/** As ONTAP's prompt has it; where this account may not see it, the name of the host. */
async function clusterName(api: Api): Promise<string> {
  try {
    const { name } = await api.record('/cluster').get();
    return typeof name === 'string' ? printable(name) : api.url.hostname;
  } catch (error) {
    if (!(error instanceof ApiError) || error instanceof UnauthorizedError) throw error;
    return api.url.hostname;
  }
}
