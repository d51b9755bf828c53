import { Message, type ViciEvent } from '@esplanade/vici';

/** An IKE SA under its connection's name, as charon shows it; its CHILD SAs by the names charon gives their sections. */
interface LiveIkeSa {
  readonly connectionName: string;
  readonly section: Message;
  readonly children: ReadonlyMap<string, Message>;
}

/**
 * Charon's SAs as it last listed them, kept up with the events that say an SA came or went: they show it as a listing
 * would. Of what they do not show in full (rekeying, moving, an event lost) only the next listing makes certain.
 * Counters and states stay those of the listing, or of the event that brought the SA.
 */
export class LiveSas {
  readonly #ikeSas = new Map<string, LiveIkeSa>();
  #isCertain = false;
  /** Counts events and doubts, so that those which came during a listing are seen at its end. */
  #changes = 0;
  #rows: readonly Message[] | undefined;

  /** Whether a listing would show the same SAs. */
  get isCertain(): boolean {
    return this.#isCertain;
  }

  /** Rows as `list-sas` gives them. */
  rows(): readonly Message[] {
    this.#rows ??= [...this.#ikeSas.values()].map(rowOf);
    return this.#rows;
  }

  /** To be handed to `listed`. */
  beginListing(): number {
    return this.#changes;
  }

  /** Takes a listing in; certain unless something was heard since it began. */
  listed(rows: readonly Message[], began: number): void {
    this.#ikeSas.clear();
    for (const row of rows)
      for (const [connectionName, section] of row.sections())
        this.#ikeSas.set(idOf(section), liveIkeSa(connectionName, section));
    this.#isCertain = began === this.#changes;
    this.#rows = undefined;
  }

  /** Only the next listing tells. */
  doubt(): void {
    this.#changes += 1;
    this.#isCertain = false;
  }

  /** Takes an event in. */
  heard(event: ViciEvent): void {
    if (event.kind !== 'event' || (event.name !== 'ike-updown' && event.name !== 'child-updown')) {
      this.doubt();
      return;
    }
    this.#changes += 1;
    const isUp = event.message.yesNo('up') === true;
    for (const [connectionName, section] of event.message.sections()) {
      const told = liveIkeSa(connectionName, section);
      if (event.name === 'ike-updown') this.#ikeSaChanged(told, isUp);
      else this.#childrenChanged(told, isUp);
    }
    this.#rows = undefined;
  }

  #ikeSaChanged(told: LiveIkeSa, isUp: boolean): void {
    const id = idOf(told.section);
    const children = this.#ikeSas.get(id)?.children ?? told.children;
    if (isUp) this.#ikeSas.set(id, { ...told, children });
    else this.#ikeSas.delete(id);
  }

  #childrenChanged(told: LiveIkeSa, isUp: boolean): void {
    const id = idOf(told.section);
    const known = this.#ikeSas.get(id);
    // With a new IKE SA its first CHILD SA is told of before the IKE SA itself; an ended one takes its children along.
    if (known === undefined && !isUp) return;
    const children = new Map(known?.children);
    for (const [name, child] of told.children) {
      if (isUp) children.set(name, child);
      else children.delete(name);
    }
    this.#ikeSas.set(id, { ...told, children });
  }
}

function liveIkeSa(connectionName: string, section: Message): LiveIkeSa {
  const children = new Map(section.section('child-sas')?.sections() ?? []);
  return { connectionName, section, children };
}

function idOf(section: Message): string {
  return section.text('uniqueid') ?? '';
}

function rowOf({ connectionName, section, children }: LiveIkeSa): Message {
  const own = section.entries.filter(([name]) => name !== 'child-sas');
  const whole = new Message([...own, ['child-sas', new Message(children)]]);
  return new Message([[connectionName, whole]]);
}
