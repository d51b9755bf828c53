/** Who waits, and how he is told. */
export interface Waiting {
  readonly source: string;
  /** Sources that one party may have many of: the /48 of an IPv6 address. */
  readonly network: string;
  /** What the network has got wrong lately: who has less of it comes first. */
  readonly failures: number;
  readonly start: () => void;
  readonly turnAway: () => void;
}

interface Placed {
  readonly waiting: Waiting;
  /** How many of the same source have their turn before, from the first round on; and of the same network. */
  readonly sourceRound: number;
  readonly networkRound: number;
}

/**
 * Those who wait for their turn: networks that failed less come first, then sources take turns, and of those networks. So one with
 * a thousand in line holds up another's first by one, and who comes for the first time comes before all who have guessed.
 */
export class FairLines {
  readonly #random: () => number;
  /** In the order they came. */
  readonly #placed = new Map<Waiting, Placed>();
  #sourceRound = 0;
  #networkRound = 0;

  /** `random` gives numbers from 0 to below 1. */
  constructor(random: () => number) {
    this.#random = random;
  }

  get size(): number {
    return this.#placed.size;
  }

  add(waiting: Waiting): void {
    let sourceRound = this.#sourceRound;
    let networkRound = this.#networkRound;
    for (const other of this.#placed.values()) {
      const { source, network } = other.waiting;
      if (source === waiting.source) sourceRound = Math.max(sourceRound, other.sourceRound + 1);
      if (network === waiting.network) networkRound = Math.max(networkRound, other.networkRound + 1);
    }
    this.#placed.set(waiting, { waiting, sourceRound, networkRound });
  }

  /** Takes him out; whether he was there. */
  delete(waiting: Waiting): boolean {
    return this.#placed.delete(waiting);
  }

  /** Takes out whose turn it is. */
  takeFirst(): Waiting | undefined {
    let first: Placed | undefined;
    for (const each of this.#placed.values()) if (first === undefined || order(each, first) < 0) first = each;
    if (first === undefined) return undefined;
    this.#placed.delete(first.waiting);
    const isEmpty = this.#placed.size === 0;
    this.#sourceRound = isEmpty ? 0 : Math.max(this.#sourceRound, first.sourceRound);
    this.#networkRound = isEmpty ? 0 : Math.max(this.#networkRound, first.networkRound);
    return first.waiting;
  }

  /**
   * Takes out one of those whose turn would come last, whoever came last among them: else who holds all places of the line would
   * keep them.
   */
  takeOneOfLast(): Waiting | undefined {
    let last: Placed[] = [];
    for (const each of this.#placed.values()) {
      const difference = last[0] === undefined ? 0 : rank(each, last[0]);
      if (difference > 0) last = [each];
      else if (difference === 0) last.push(each);
    }
    const largest = ofLargestNetwork(last);
    const chosen = largest[Math.floor(this.#random() * largest.length)];
    if (chosen !== undefined) this.#placed.delete(chosen.waiting);
    return chosen?.waiting;
  }
}

function rank(one: Placed, other: Placed): number {
  return one.waiting.failures - other.waiting.failures || one.sourceRound - other.sourceRound;
}

function order(one: Placed, other: Placed): number {
  return rank(one, other) || one.networkRound - other.networkRound;
}

/** Of a network that has most of them, or of all that have as many. */
function ofLargestNetwork(placed: readonly Placed[]): readonly Placed[] {
  const networks = [...Map.groupBy(placed, ({ waiting }) => waiting.network).values()];
  const most = networks.reduce((longest, { length }) => Math.max(longest, length), 0);
  return networks.filter(({ length }) => length === most).flat();
}
