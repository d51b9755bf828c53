import { createInterface, emitKeypressEvents, type Interface, type Key } from 'node:readline';
import { PassThrough } from 'node:stream';

/** What the editor asks while a line is typed. */
export interface LineHelp {
  /** What could stand at the end of the line, each with the part of the line it stands for. */
  complete(line: string): Promise<readonly [candidates: readonly string[], replaced: string]>;
  /** What `?` shows, which needs no Enter, as in ONTAP's CLI; undefined where it is a part of a value. */
  explain(line: string): Promise<string> | undefined;
}

/** The terminal that lines are typed on. */
export interface LineTerminal {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
}

interface KeyPress {
  readonly text: string | undefined;
  readonly key: Key;
}

/** Lines typed on a terminal, with history and completion. Between two lines the terminal is as if it were not there. */
export class LineEditor {
  readonly #terminal: LineTerminal;
  readonly #help: LineHelp;
  readonly #editor: Interface;
  /** Typed while no line was read, in one piece with the line before: pasted. */
  readonly #ahead: KeyPress[] = [];
  #isReading = false;
  #isAsking = false;
  #isClosed = false;

  /** `history` is the latest first, and changed as lines are entered. */
  constructor(terminal: LineTerminal, history: string[], help: LineHelp) {
    this.#terminal = terminal;
    this.#help = help;
    this.#editor = createInterface({
      // Keys are handed over one by one, so that some can be taken out.
      input: new PassThrough(),
      output: terminal.output,
      terminal: true,
      history,
      removeHistoryDuplicates: true,
      completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
        this.#isAsking = true;
        void help.complete(line).then(([candidates, replaced]) => {
          done(null, [[...candidates], replaced]);
          this.#answered();
        });
      },
    });
    this.#editor.on('history', (kept) => history.splice(0, history.length, ...kept));
    this.#editor.on('close', () => {
      this.#isClosed = true;
    });
  }

  /** The next line; undefined when whoever types leaves with Ctrl-D. Ctrl-C begins the line anew. */
  async read(prompt: string): Promise<string | undefined> {
    const { input, output } = this.#terminal;
    const onKey = (text: string | undefined, key: Key): void => this.#press({ text, key });
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const onLine = (line: string): void => {
      this.#isReading = false;
      resolve(line);
    };
    const onClose = (): void => resolve(undefined);
    const onInterrupt = (): void => {
      output.write('^C\n');
      this.#clear();
      this.#editor.prompt();
    };
    this.#editor.on('line', onLine).on('close', onClose).on('SIGINT', onInterrupt);
    emitKeypressEvents(input);
    input.setRawMode(true);
    input.on('keypress', onKey).once('end', onClose).resume();
    this.#isReading = true;
    this.#editor.setPrompt(prompt);
    this.#editor.prompt();
    this.#replay();
    try {
      return await promise;
    } finally {
      this.#isReading = false;
      this.#editor.off('line', onLine).off('close', onClose).off('SIGINT', onInterrupt);
      input.off('keypress', onKey).off('end', onClose);
      input.setRawMode(false);
      input.pause();
    }
  }

  /** Takes a line out of the history, as it may hold a secret. */
  forget(history: string[], line: string): void {
    const index = history.indexOf(line);
    if (index >= 0) history.splice(index, 1);
  }

  /** Puts a line into the history that was taken out, as the latest. */
  remember(history: string[], line: string): void {
    this.forget(history, line);
    history.unshift(line);
  }

  close(): void {
    this.#editor.close();
  }

  #press(pressed: KeyPress): void {
    const { text, key } = pressed;
    if (!this.#isReading || this.#isAsking) this.#ahead.push(pressed);
    else if (text === '?' && this.#explain()) return;
    // Stopping is for jobs of a shell; this one would leave the terminal as it needs it.
    else if (!(key.ctrl === true && key.name === 'z')) this.#editor.write(text ?? '', key);
  }

  #replay(): void {
    for (const pressed of this.#ahead.splice(0)) this.#press(pressed);
  }

  #answered(): void {
    this.#isAsking = false;
    if (this.#isReading) this.#replay();
  }

  /** Shows what `?` is asking for, and the line again. */
  #explain(): boolean {
    const { line, cursor } = this.#editor;
    const typed = line.slice(0, cursor);
    const answer = this.#help.explain(typed);
    if (answer === undefined) return false;
    this.#isAsking = true;
    void answer.then((text) => {
      if (this.#isClosed) return;
      this.#clear();
      this.#terminal.output.write(`${typed}?\n${text}`);
      this.#editor.prompt();
      this.#editor.write(line);
      for (let column = line.length; column > cursor; column -= 1) this.#editor.write(null, { name: 'left' });
      this.#answered();
    });
    return true;
  }

  #clear(): void {
    this.#editor.write(null, { name: 'e', ctrl: true });
    this.#editor.write(null, { name: 'u', ctrl: true });
  }
}
