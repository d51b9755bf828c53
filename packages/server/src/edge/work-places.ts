/** How much of one kind is worked on at once, and how much more may wait for it. */
export interface WorkLimits {
  readonly atOnce: number;
  readonly mostWaiting: number;
}

/** A place, or one in the line for it. */
export interface Ticket {
  /** Whether it is still one in the line. */
  readonly isWaiting: boolean;
  /** Gives it back, or up; a second time does nothing. */
  leave(): void;
}

interface Desk {
  working: number;
  readonly waiting: Map<Ticket, () => void>;
}

/** Places to work at, so many for each key. Who finds none waits in line; nobody waits for others' keys. */
export class WorkPlaces {
  readonly #limits: WorkLimits;
  readonly #desks = new Map<string, Desk>();

  constructor(limits: WorkLimits) {
    this.#limits = limits;
  }

  /** Calls `onPlace` once there is a place, perhaps at once; undefined when the line is too long to wait. */
  ask(key: string, onPlace: () => void): Ticket | undefined {
    const desk = this.#desks.get(key) ?? { working: 0, waiting: new Map() };
    const isFree = desk.working < this.#limits.atOnce;
    if (!isFree && desk.waiting.size >= this.#limits.mostWaiting) return undefined;
    this.#desks.set(key, desk);
    let isOver = false;
    const ticket: Ticket = {
      get isWaiting() {
        return desk.waiting.has(ticket);
      },
      leave: () => {
        if (isOver) return;
        isOver = true;
        if (!desk.waiting.delete(ticket)) this.#free(key, desk);
      },
    };
    if (isFree) {
      desk.working += 1;
      onPlace();
    } else desk.waiting.set(ticket, onPlace);
    return ticket;
  }

  /** For how many keys there is work. */
  get size(): number {
    return this.#desks.size;
  }

  #free(key: string, desk: Desk): void {
    for (const [next, onPlace] of desk.waiting) {
      desk.waiting.delete(next);
      onPlace();
      return;
    }
    desk.working -= 1;
    if (desk.working === 0) this.#desks.delete(key);
  }
}
