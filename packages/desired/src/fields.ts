/** A stored document is not what this release writes. Names the document and the field, never a value. */
export class MalformedDocumentError extends Error {
  override readonly name = 'MalformedDocumentError';
}

/**
 * Reads a stored JSON object strictly: a field that is missing, of another type or unknown is refused, because whatever
 * wrote it meant something that this release would lose at its next write.
 */
export class Fields {
  readonly #key: string;
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #read = new Set<string>();

  constructor(key: string, object: unknown) {
    if (!isObject(object)) throw new MalformedDocumentError(`${key} is not an object`);
    this.#key = key;
    this.#object = object;
  }

  /** Parses a document's text. */
  static parse(key: string, text: string): Fields {
    try {
      return new Fields(key, JSON.parse(text));
    } catch (cause) {
      if (cause instanceof MalformedDocumentError) throw cause;
      // JSON.parse quotes the text it stumbles over; no part of a document goes into an error.
      throw new MalformedDocumentError(`${key} is not JSON`);
    }
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#object, name);
  }

  text(name: string): string {
    const value = this.#take(name);
    return typeof value === 'string' ? value : this.#refuse(name);
  }

  boolean(name: string): boolean {
    const value = this.#take(name);
    return typeof value === 'boolean' ? value : this.#refuse(name);
  }

  /** A whole number of at least 0 that a double holds exactly. */
  integer(name: string): number {
    const value = this.#take(name);
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
      ? value
      : this.#refuse(name);
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T {
    const text = this.text(name);
    return values.find((value) => value === text) ?? this.#refuse(name);
  }

  /** A text that `parse` turns into something; what it gives `undefined` for is refused. */
  parsed<T>(name: string, parse: (text: string) => T | undefined): T {
    return parse(this.text(name)) ?? this.#refuse(name);
  }

  object(name: string): Fields {
    return new Fields(`${this.#key} ${name}`, this.#take(name));
  }

  /** A list of objects. */
  objects(name: string): readonly Fields[] {
    const value = this.#take(name);
    if (!Array.isArray(value)) return this.#refuse(name);
    return value.map((one: unknown) => new Fields(`${this.#key} ${name}`, one));
  }

  /** Refuses what was not read. Call it last. */
  end(): void {
    for (const name of Object.keys(this.#object)) if (!this.#read.has(name)) this.#refuse(name);
  }

  #take(name: string): unknown {
    this.#read.add(name);
    return this.has(name) ? this.#object[name] : this.#refuse(name);
  }

  #refuse(name: string): never {
    throw new MalformedDocumentError(`${this.#key}: unexpected or missing ${name}`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
