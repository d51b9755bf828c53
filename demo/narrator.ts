/** Tells the demo as it goes, and remembers whether every claim held. */
export class Narrator {
  readonly #write: (text: string) => void;
  #stations = 0;
  #broken: string[] = [];

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** Claims that did not hold. */
  get broken(): readonly string[] {
    return this.#broken;
  }

  /** Begins a station of the story. */
  station(title: string): void {
    this.#stations += 1;
    this.#write(`\n${this.#stations}. ${title}\n`);
  }

  /** A fact for the reader. */
  say(text: string): void {
    this.#write(`   ${text.trimEnd().replaceAll('\n', '\n   ')}\n`);
  }

  /** States a claim and whether it held; `seen` is what it was judged by. The story goes on either way. */
  claim(what: string, holds: boolean, seen: string): void {
    this.#write(`   ${holds ? 'yes' : 'NO '}  ${what}: ${seen}\n`);
    if (!holds) this.#broken.push(`${what}: ${seen}`);
  }
}
