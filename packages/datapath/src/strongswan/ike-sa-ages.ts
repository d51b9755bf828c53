import type { ViciEvent } from '@esplanade/vici';
import type { ListedIkeSa } from './sa-control.ts';

/**
 * Which IKE SAs authenticated their remotes before charon had certain revocation lists. Charon numbers IKE SAs as they
 * begin; one that another was rekeyed to has a new number and nobody authenticated for it, so it counts as old as that
 * one.
 */
export class IkeSaAges {
  /** The last number there was when charon had the lists for certain, by the digest of the lists. */
  readonly #lastBefore = new Map<string, number>();
  /** The number that an IKE SA which came about by rekeying counts as. */
  readonly #origins = new Map<string, string>();

  /** Follows rekeying. */
  heard(event: ViciEvent): void {
    if (event.kind !== 'event' || event.name !== 'ike-rekey') return;
    for (const [, section] of event.message.sections()) {
      const former = section.section('old')?.text('uniqueid');
      const next = section.section('new')?.text('uniqueid');
      if (former !== undefined && next !== undefined)
        this.#origins.set(next, this.#origins.get(former) ?? former);
    }
  }

  /** Takes in all IKE SAs there are, now that charon has these lists; only the first time they are mentioned counts. */
  listed(sas: readonly ListedIkeSa[], digests: ReadonlySet<string>): void {
    const last = sas.reduce((most, { id }) => Math.max(most, Number(id)), 0);
    for (const digest of digests) if (!this.#lastBefore.has(digest)) this.#lastBefore.set(digest, last);
    const ids = new Set(sas.map(({ id }) => id));
    for (const id of this.#origins.keys()) if (!ids.has(id) && Number(id) <= last) this.#origins.delete(id);
  }

  /** Whether an IKE SA may have come up without the lists. */
  isOlder(id: string, digest: string): boolean {
    const last = this.#lastBefore.get(digest);
    return last === undefined || Number(this.#origins.get(id) ?? id) <= last;
  }

  /** Forgets all lists but these. */
  retain(digests: ReadonlySet<string>): void {
    for (const digest of this.#lastBefore.keys()) if (!digests.has(digest)) this.#lastBefore.delete(digest);
  }

  /** Charon may number from the beginning. */
  forget(): void {
    this.#lastBefore.clear();
    this.#origins.clear();
  }
}
