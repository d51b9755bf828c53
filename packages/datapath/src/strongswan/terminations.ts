import { Message, type MessageInput, type ViciEvent } from '@esplanade/vici';
import { parseChildName } from './names.ts';

/** Which SAs a `terminate` is about, in the words of its message: `ike`, `child`, `ike-id`, `child-id`. */
type Selection = { readonly [key: string]: string };

const selecting = ['ike', 'child', 'ike-id', 'child-id'] as const;
const terminate = /^vici terminate (IKE_SA|CHILD_SA) (?:'(.+)'|#(\d+))$/;

/** How long charon may take from a command to what it says of it, or to the end of the SAs. */
const patienceMs = 30_000;

/** Somebody's `terminate`. */
interface Command {
  readonly selection: Selection;
  /** When whatever it ended is gone. */
  readonly untilMs: number;
  /** Ids of CHILD SAs that came up since: it was not about them, even if they bear the name. */
  readonly later: Set<string>;
}

/** An SA of a child of ours that somebody else has ended. */
export interface EndedSa {
  readonly connectionName: string;
  readonly childName: string;
}

/**
 * Tells SAs that somebody else ended by hand from those that we ended, that the remote deleted, or that ran out: charon
 * says of every `terminate` command which SAs it is about, and then which went. A peer's DELETE, a dead peer or a
 * lifetime comes without such a command.
 */
export class Terminations {
  readonly #nowMs: () => number;
  /** What charon is about to say because of our own commands. */
  readonly #ours: { readonly said: string; readonly untilMs: number }[] = [];
  /** What others have commanded. */
  #theirs: readonly Command[] = [];

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** We are about to send this `terminate`. */
  expect(input: MessageInput): void {
    const message = Message.from(input);
    const untilMs = this.#nowMs() + patienceMs;
    for (const key of selecting) {
      const value = message.text(key);
      if (value !== undefined) this.#ours.push({ said: saidOf(key, value), untilMs });
    }
  }

  /** Takes in a line of charon's log. */
  read(line: string): void {
    const [said, type, name, id] = terminate.exec(line) ?? [];
    if (said === undefined) return;
    const nowMs = this.#nowMs();
    const expected = this.#ours.findIndex((one) => one.said === said && one.untilMs > nowMs);
    if (expected >= 0) {
      this.#ours.splice(expected, 1);
      return;
    }
    const key = `${type === 'IKE_SA' ? 'ike' : 'child'}${name === undefined ? '-id' : ''}`;
    const selection = { [key]: name ?? id ?? '' };
    this.#theirs = [...this.#lasting(nowMs), { selection, untilMs: nowMs + patienceMs, later: new Set() }];
  }

  /** The CHILD SAs of ours that went, by a `child-updown` event, because of what somebody else commanded. */
  ended(event: ViciEvent): readonly EndedSa[] {
    if (this.#theirs.length === 0 || event.kind !== 'event' || event.name !== 'child-updown') return [];
    const lasting = this.#lasting(this.#nowMs());
    this.#theirs = lasting;
    const isUp = event.message.yesNo('up') === true;
    return event.message.sections().flatMap(([connectionName, ikeSa]) => {
      const children = ikeSa.section('child-sas')?.sections() ?? [];
      return children.flatMap(([, child]): readonly EndedSa[] => {
        const childName = child.text('name') ?? '';
        const values: Selection = {
          ike: connectionName,
          'ike-id': ikeSa.text('uniqueid') ?? '',
          child: childName,
          'child-id': child.text('uniqueid') ?? '',
        };
        const id = values['child-id'] ?? '';
        if (isUp) for (const { later } of lasting) later.add(id);
        const isMeant = lasting.some(
          ({ selection, later }) =>
            !later.has(id) && Object.entries(selection).every(([key, value]) => values[key] === value),
        );
        return isMeant && parseChildName(childName) !== undefined ? [{ connectionName, childName }] : [];
      });
    });
  }

  #lasting(nowMs: number): readonly Command[] {
    return this.#theirs.filter(({ untilMs }) => untilMs > nowMs);
  }
}

function saidOf(key: (typeof selecting)[number], value: string): string {
  const type = key.startsWith('ike') ? 'IKE_SA' : 'CHILD_SA';
  return `vici terminate ${type} ${key.endsWith('-id') ? `#${value}` : `'${value}'`}`;
}
