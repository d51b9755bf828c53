import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { Daemon } from './daemon.ts';
import { eventually, type Patience } from './eventually.ts';

/** What is opened on a screen. */
export interface ScreenOptions {
  /** The program; a POSIX shell with the prompt of {@link Screen.run} where there is none. */
  readonly command?: readonly string[];
  /** In characters (80). */
  readonly columns?: number;
  /** In lines (24). */
  readonly rows?: number;
  /** Set besides what {@link Terminals.start} was given. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
}

/** What a line in the shell left on the screen. */
export interface Shown {
  /** All that was printed, as it is to be read, lines that no longer fit included; without the prompts. */
  readonly text: string;
  readonly status: number;
}

/** How {@link Screen.run} goes about it. */
export interface RunOptions extends Patience {
  /** Typed when the screen shows the question, one after the other. */
  readonly answers?: readonly (readonly [question: RegExp, answer: string])[];
}

/** The prompt of the shells of {@link Screen.run}: the status of the line before, and nothing that a program prints. */
const prompt = '[$?]$ ';
const promptLine = /^\[(\d+)\]\$$/;

const endsWithPrompt = (text: string) => promptLine.test(text.split('\n').at(-1) ?? '');

/**
 * A tmux server of one test: real pseudo-terminals, and screens that are read as a person sees them. One server has as
 * many screens as wanted, each of its own size.
 */
export class Terminals {
  readonly #directory: string;
  readonly #environment: Readonly<Record<string, string>>;
  #screens = 0;

  readonly #daemon: Daemon;

  private constructor(directory: string, daemon: Daemon, environment: Readonly<Record<string, string>>) {
    this.#directory = directory;
    this.#daemon = daemon;
    this.#environment = environment;
  }

  /** Starts with the environment of this process and `environment` over it; an empty value takes a variable away. */
  static async start(environment: Readonly<Record<string, string>> = {}): Promise<Terminals> {
    const directory = await mkdtemp(join(tmpdir(), 'esplanade-screen-'));
    const daemon = new Daemon('tmux', ['tmux', '-D', ...serverArguments(directory)], {
      environment: serverEnvironment,
    });
    const terminals = new Terminals(directory, daemon, environment);
    const first = [...serverArguments(directory), 'set-option', '-s', 'escape-time', '0'];
    await eventually('tmux listens', async () => {
      const { status } = await runCommand('tmux', first, { environment: serverEnvironment, anyStatus: true });
      return status === 0;
    });
    await terminals.tmux(
      'set-option',
      '-g',
      'remain-on-exit',
      'on',
      ';',
      'set-option',
      '-g',
      'status',
      'off',
    );
    await terminals.tmux(
      ...['set-option', '-g', 'history-limit', '20000'],
      ...[';', 'set-option', '-g', 'remain-on-exit-format', ''],
    );
    return terminals;
  }

  /** Opens one. */
  async open(options: ScreenOptions = {}): Promise<Screen> {
    this.#screens += 1;
    const name = `screen-${this.#screens}`;
    const environment: Record<string, string> = {
      PS1: prompt,
      ENV: '', // else a file of that name is read first
      ...this.#environment,
      ...options.environment,
    };
    const given = Object.entries(environment);
    const unset = given.flatMap(([variable, value]) => (value === '' ? ['-u', variable] : []));
    const set = given.flatMap(([variable, value]) => (value === '' ? [] : [`${variable}=${value}`]));
    await this.tmux(
      ...['new-session', '-d', '-s', name],
      ...['-x', String(options.columns ?? 80), '-y', String(options.rows ?? 24)],
      ...['-c', options.directory ?? process.cwd()],
      ...['--', 'env', ...unset, ...set, ...(options.command ?? ['sh', '-i'])],
    );
    return new Screen(this, name);
  }

  /** Ends all screens and the server. */
  async end(): Promise<void> {
    await this.#daemon.end('SIGTERM');
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** A command of tmux; what it prints. */
  async tmux(...words: readonly string[]): Promise<string> {
    const args = [...serverArguments(this.#directory), ...words];
    return (await runCommand('tmux', args, { environment: serverEnvironment })).stdout;
  }
}

const serverEnvironment = { LC_ALL: 'C.UTF-8', TMUX: '' };

/** tmux takes a semicolon at the end of a word for its own. */
function literally(text: string): string {
  return text.replace(/;$/, '\\;');
}

function serverArguments(directory: string): readonly string[] {
  return ['-u', '-f', '/dev/null', '-S', join(directory, 'tmux')];
}

/** One pseudo-terminal. */
export class Screen {
  readonly #terminals: Terminals;
  readonly #name: string;

  /** Of a screen that {@link Terminals.open} opened. */
  constructor(terminals: Terminals, name: string) {
    this.#terminals = terminals;
    this.#name = name;
  }

  /** Types the text as it is; no Enter. */
  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', '--', literally(text));
  }

  /** Presses keys by tmux's names: `Enter`, `Tab`, `C-c`, `C-d`, `Up`, `Escape`, `BSpace`, `q`. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux('send-keys', '--', ...keys);
  }

  /** What is to be seen: lines without the blanks at their ends, nor empty ones at the bottom. */
  async read(): Promise<string> {
    return (await this.#tmux('capture-pane', '-p')).trimEnd();
  }

  /** The same with what has moved out at the top. */
  async readAll(): Promise<string> {
    return (await this.#tmux('capture-pane', '-p', '-S', '-')).trimEnd();
  }

  /** What is to be seen, with the escape sequences of colours. */
  async readColours(): Promise<string> {
    return (await this.#tmux('capture-pane', '-p', '-e')).trimEnd();
  }

  /** Where the cursor is, from 0. */
  async cursor(): Promise<{ readonly column: number; readonly row: number }> {
    const [column, row] = (await this.#tell('#{cursor_x} #{cursor_y}')).split(' ').map(Number);
    return { column: column ?? 0, row: row ?? 0 };
  }

  /** Whether the program has taken the whole screen for itself, as `top` does. */
  async isFullScreen(): Promise<boolean> {
    return (await this.#tell('#{alternate_on}')) === '1';
  }

  /** The status with which the program ended; undefined while it runs. */
  async status(): Promise<number | undefined> {
    const [isDead, status] = (await this.#tell('#{pane_dead} #{pane_dead_status}')).split(' ');
    if (isDead !== '1') return undefined;
    if (status) return Number(status);
    // tmux 3.3 now and then sleeps through the end of a child, until another one ends.
    await this.#terminals.tmux('run-shell', 'true');
    return undefined;
  }

  /** Makes it larger or smaller; the program gets SIGWINCH. */
  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** Waits until what is to be seen matches, and returns it. The failure shows the screen. */
  async until(wanted: RegExp | ((text: string) => boolean), patience?: Patience): Promise<string> {
    let seen = '';
    const matches = async () => {
      seen = await this.read();
      return wanted instanceof RegExp ? wanted.test(seen) : wanted(seen);
    };
    try {
      await eventually(String(wanted), matches, patience);
    } catch (error) {
      throw new Error(`the screen shows:\n${seen}`, { cause: error });
    }
    return seen;
  }

  /**
   * Runs one line in the shell of a screen that was opened without a command, and waits until the prompt is back. What
   * was on the screen before is gone.
   */
  async run(line: string, { answers = [], ...given }: RunOptions = {}): Promise<Shown> {
    // Each look is a process, and so is each command, which may have to wait for its turn.
    const patience = { intervalMilliseconds: 100, deadlineMilliseconds: 30_000, ...given };
    const here = ['-t', this.#name];
    await this.until(endsWithPrompt, patience);
    // The shell knows nothing of that: what is typed now stands at the top, without a prompt.
    await this.#terminals.tmux(
      ...['send-keys', ...here, '-R', ';', 'clear-history', ...here, ';'],
      ...['send-keys', ...here, '-l', '--', literally(line), ';', 'send-keys', ...here, 'Enter'],
    );
    for (const [question, answer] of answers) {
      await this.until(question, patience);
      await this.type(answer);
      await this.press('Enter');
    }
    await this.until(endsWithPrompt, patience);
    const width = ['display-message', ...here, '-p', '#{pane_width}'];
    const all = await this.#terminals.tmux(...width, ';', 'capture-pane', ...here, '-p', '-S', '-');
    const [columns, ...lines] = all.trimEnd().split('\n');
    const status = promptLine.exec(lines.at(-1) ?? '')?.[1];
    const typed = Math.ceil(line.length / Number(columns));
    return { text: lines.slice(typed, -1).join('\n'), status: Number(status) };
  }

  async #tell(format: string): Promise<string> {
    return (await this.#tmux('display-message', '-p', format)).trimEnd();
  }

  async #tmux(command: string, ...words: readonly string[]): Promise<string> {
    return await this.#terminals.tmux(command, '-t', this.#name, ...words);
  }
}
