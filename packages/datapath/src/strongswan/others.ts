import type { Message, ViciEvent } from '@esplanade/vici';
import type { ForeignConnection } from '../foreign-connection.ts';
import type { Charon } from './charon.ts';
import type { DaemonPair } from './daemon-pair.ts';
import { ForeignWatch } from './foreign-watch.ts';
import { isOurs } from './names.ts';
import { deedOf, Tampering } from './tampering.ts';

/** Who is told. */
export interface OthersOptions {
  readonly daemons: DaemonPair;
  /** Runs a look at an account when nobody is changing it. */
  readonly inTurn: (look: () => Promise<void>) => Promise<void>;
  /** Only a whole comparison tells what is different. */
  readonly onFound: () => void;
}

const beatsPerNames = 8;

/** What others do at the daemons' sockets: to what is ours, and of their own. */
export class Others {
  readonly #tampering: Tampering;
  readonly #foreign: readonly ForeignWatch[];
  #beats = 0;

  constructor({ daemons, inTurn, onFound }: OthersOptions) {
    const watches = new Map(daemons.all());
    this.#tampering = new Tampering({
      inTurn,
      onFound,
      onKeysInDoubt: (charon) => watches.get(charon)?.beat('get-shared'),
    });
    this.#foreign = Array.from(watches, ([charon, watch]) => new ForeignWatch(charon, watch, onFound));
  }

  /** All connections that are not ours, by name. */
  connections(): readonly ForeignConnection[] {
    const all = this.#foreign.flatMap(({ connections }) => connections);
    return all.sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
  }

  /** Takes in a `log` event. */
  heard(charon: Charon, event: ViciEvent): void {
    if (event.kind !== 'event') return;
    const deed = deedOf(event.message.text('msg') ?? '');
    if (deed === undefined) return;
    const isMissed = deed.kind === 'key not found' || deed.kind === 'private key not found';
    if (isMissed && !isOurs(event.message.text('ikesa-name') ?? '')) return;
    if (deed.kind === 'connection loaded' && charon.accountsFor(deed.name)) return;
    this.#tampering.heard(charon, deed);
    for (const foreign of this.#foreign) foreign.heard(charon, deed);
  }

  /** Takes in a reply to `get-shared` or `get-conns`, and when it was asked for. */
  lookAt(charon: Charon, reply: Message, askedMs: number): void {
    this.#tampering.lookAt(charon, reply, askedMs);
    for (const foreign of this.#foreign) foreign.lookAt(charon, reply);
  }

  /**
   * What charon is asked next. Names of connections only where some are not ours, and rarely: charon says when ours go,
   * and others' that have something in force.
   */
  nextBeat(): readonly string[] {
    this.#beats += 1;
    const isTimeForNames = this.connections().length > 0 && this.#beats % beatsPerNames === 0;
    return isTimeForNames ? ['get-shared', 'get-conns'] : ['get-shared'];
  }
}
