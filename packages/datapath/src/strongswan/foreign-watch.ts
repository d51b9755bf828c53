import type { Message } from '@esplanade/vici';
import type { ForeignConnection } from '../foreign-connection.ts';
import type { Charon } from './charon.ts';
import type { CharonWatch } from './charon-watch.ts';
import { isOurs } from './names.ts';
import type { Deed } from './tampering.ts';

/** Whoever loads one connection often loads more; and charon says so a moment before it is done. */
const gatherMs = 250;
/** Up to so many connections are asked for one by one. */
const fewConnections = 8;

/** Keeps the list of a charon's connections that are not ours up with what others load and unload. */
export class ForeignWatch {
  readonly #charon: Charon;
  readonly #watch: CharonWatch;
  readonly #onFailed: (error: unknown) => void;
  readonly #doubtful = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  /** `onFailed` hears why charon could not be asked. */
  constructor(charon: Charon, watch: CharonWatch, onFailed: (error: unknown) => void) {
    this.#charon = charon;
    this.#watch = watch;
    this.#onFailed = onFailed;
  }

  /** As known now. */
  get connections(): readonly ForeignConnection[] {
    return this.#charon.lastKnown?.foreignConnections() ?? [];
  }

  heard(charon: Charon, deed: Deed): void {
    if (charon !== this.#charon) return;
    if (deed.kind === 'connection loaded') this.#doubt([deed.name]);
    if (deed.kind !== 'child gone') return;
    const having = this.connections.filter(({ children }) => children.some(({ name }) => name === deed.name));
    this.#doubt(having.map(({ name }) => name));
  }

  /** A reply to `get-conns`: charon does not say when a connection goes that had nothing in force. */
  lookAt(charon: Charon, reply: Message): void {
    if (charon !== this.#charon || reply.get('conns') === undefined) return;
    const loaded = new Set(reply.texts('conns'));
    const known = new Set(this.connections.map(({ name }) => name));
    this.#doubt([...loaded.symmetricDifference(known)]);
  }

  #doubt(names: readonly string[]): void {
    // What bears a name of ours and has other children a whole listing tells; once it is known, it is like any other.
    const known = new Set(this.connections.map(({ name }) => name));
    for (const name of names) if (!isOurs(name) || known.has(name)) this.#doubtful.add(name);
    if (this.#doubtful.size === 0) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#ask().catch(this.#onFailed);
    }, gatherMs).unref();
  }

  async #ask(): Promise<void> {
    const names = [...this.#doubtful];
    this.#doubtful.clear();
    const all = names.length > fewConnections ? new Map(await this.#watch.connections()) : undefined;
    for (const name of names) {
      const section = all === undefined ? await this.#watch.connection(name) : all.get(name);
      this.#charon.lastKnown?.setForeign(name, section);
    }
  }
}
