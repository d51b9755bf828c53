import { Message, type MessageInput, type ViciEvent } from '@esplanade/vici';
import { parseChildName } from './names.ts';

const selecting = ['ike', 'child', 'ike-id', 'child-id'] as const;

/** How long charon may take from a command to what it says of it, or to the end of the SAs. */
const patienceMs = 30_000;
/** How late charon may say what an SA ended for: its log comes by a queue, events do not. */
const hearsayMs = 2_000;

/** An SA of a child of ours that somebody else has ended. */
export interface EndedSa {
  readonly connectionName: string;
  readonly childName: string;
}

/** A CHILD SA of an event. */
interface NamedSa extends EndedSa {
  readonly id: string;
  /** What charon says of each command that is about it. */
  readonly saids: readonly string[];
}

/**
 * Tells SAs that somebody else ended by hand from those that we ended, that the remote deleted, or that ran out: charon
 * says of every `terminate` command which SAs it is about, and then which went, or the other way round when it is busy.
 * A peer's DELETE, a dead peer or a lifetime comes without such a command.
 */
export class Terminations {
  readonly #nowMs: () => number;
  /** What charon is about to say because of our own commands. */
  readonly #expected: { readonly said: string; readonly untilMs: number }[] = [];
  /** Counts what happens, to tell what was first. */
  #count = 0;
  /** What charon said last of a command of ours, or of another's. */
  readonly #ours = new Lately<number>(patienceMs);
  readonly #theirs = new Lately<number>(patienceMs);
  /** CHILD SAs by id: an earlier command was not about them, even if they bear the name. */
  readonly #risen = new Lately<number>(patienceMs);
  /** CHILD SAs by id that went, and nobody has said why. */
  readonly #unexplained = new Lately<NamedSa>(hearsayMs);

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** We are about to send this `terminate`. */
  expect(input: MessageInput): void {
    const message = Message.from(input);
    const nowMs = this.#nowMs();
    while ((this.#expected[0]?.untilMs ?? nowMs + 1) <= nowMs) this.#expected.shift();
    const untilMs = nowMs + patienceMs;
    for (const key of selecting) {
      const value = message.text(key);
      if (value !== undefined) this.#expected.push({ said: saidOf(key, value), untilMs });
    }
  }

  /** Takes in a line of charon's log. The result are SAs that went before charon said that somebody else ended them. */
  read(line: string): readonly EndedSa[] {
    const nowMs = this.#nowMs();
    return saidsIn(line).flatMap((said) => this.#readSaid(said, nowMs));
  }

  /** The CHILD SAs of ours that went, by a `child-updown` event, because of what somebody else commanded. */
  ended(event: ViciEvent): readonly EndedSa[] {
    if (event.kind !== 'event' || event.name !== 'child-updown') return [];
    const nowMs = this.#nowMs();
    this.#count += 1;
    const sas = childSas(event.message);
    if (event.message.yesNo('up') === true) {
      for (const { id } of sas) this.#risen.set(id, this.#count, nowMs);
      return [];
    }
    const gone = sas.filter(({ childName }) => parseChildName(childName) !== undefined);
    return gone.flatMap((sa) => {
      const sinceCount = this.#risen.get(sa.id, nowMs) ?? 0;
      const isMeantBy = (commands: Lately<number>): boolean =>
        sa.saids.some((said) => (commands.get(said, nowMs) ?? 0) > sinceCount);
      if (isMeantBy(this.#theirs)) return [endedOf(sa)];
      if (!isMeantBy(this.#ours)) this.#unexplained.set(sa.id, sa, nowMs);
      return [];
    });
  }

  #readSaid(said: string, nowMs: number): readonly EndedSa[] {
    const expected = this.#expected.findIndex((one) => one.said === said && one.untilMs > nowMs);
    const isOurs = expected >= 0;
    if (isOurs) this.#expected.splice(expected, 1);
    this.#count += 1;
    (isOurs ? this.#ours : this.#theirs).set(said, this.#count, nowMs);
    const explained = this.#unexplained.all(nowMs).filter(({ saids }) => saids.includes(said));
    for (const { id } of explained) this.#unexplained.delete(id);
    return isOurs ? [] : explained.map(endedOf);
  }
}

/** What was last set under a key, for some time. */
class Lately<T> {
  readonly #lifeMs: number;
  /** The oldest first. */
  readonly #entries = new Map<string, { readonly value: T; readonly untilMs: number }>();

  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs;
  }

  set(key: string, value: T, nowMs: number): void {
    this.#prune(nowMs);
    this.#entries.delete(key);
    this.#entries.set(key, { value, untilMs: nowMs + this.#lifeMs });
  }

  get(key: string, nowMs: number): T | undefined {
    this.#prune(nowMs);
    return this.#entries.get(key)?.value;
  }

  all(nowMs: number): readonly T[] {
    this.#prune(nowMs);
    return [...this.#entries.values()].map(({ value }) => value);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  #prune(nowMs: number): void {
    for (const [key, { untilMs }] of this.#entries) {
      if (untilMs > nowMs) return;
      this.#entries.delete(key);
    }
  }
}

function childSas(message: Message): readonly NamedSa[] {
  return message.sections().flatMap(([connectionName, ikeSa]) =>
    (ikeSa.section('child-sas')?.sections() ?? []).map(([, child]) => {
      const childName = child.text('name') ?? '';
      const id = child.text('uniqueid') ?? '';
      const ikeId = ikeSa.text('uniqueid') ?? '';
      const names = { ike: connectionName, 'ike-id': ikeId, child: childName, 'child-id': id };
      return { connectionName, childName, id, saids: selecting.map((key) => saidOf(key, names[key])) };
    }),
  );
}

function endedOf({ connectionName, childName }: NamedSa): EndedSa {
  return { connectionName, childName };
}

/** A command that says several things has a line for each up to strongSwan 5.9, and all of them in one from 6.0 on. */
function saidsIn(line: string): readonly string[] {
  const [, told = ''] = /^vici terminate (.+)$/.exec(line) ?? [];
  return [...told.matchAll(/(IKE|CHILD)_SA (?:'(.+?)'(?= of |$| #\d+))?(?: ?#(\d+))?/g)].flatMap(
    ([, type, name, id]) => {
      const key = type === 'IKE' ? 'ike' : 'child';
      const byName = name === undefined ? [] : [saidOf(key, name)];
      return id === undefined ? byName : [...byName, saidOf(`${key}-id`, id)];
    },
  );
}

function saidOf(key: (typeof selecting)[number], value: string): string {
  const type = key.startsWith('ike') ? 'IKE_SA' : 'CHILD_SA';
  return `vici terminate ${type} ${key.endsWith('-id') ? `#${value}` : `'${value}'`}`;
}
