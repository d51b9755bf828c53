import type { PolicyUuid } from '@esplanade/domain';
import { DatapathRefusedError } from '../errors.ts';

const firstPauseMs = 1_000;
const maxPauseMs = 60_000;
/** After so many attempts somebody should look. */
const manyAttempts = 3;

interface Attempts {
  readonly policyUuid: PolicyUuid | undefined;
  readonly count: number;
  readonly notBeforeMs: number;
}

/** How often something was put back into the kernel that it goes on lacking, with growing pauses between the attempts. */
export class PutBackAttempts {
  readonly #attempts = new Map<string, Attempts>();

  /** Whether a child, by a key of the caller's, may be put back now (monotonic milliseconds). */
  isDue(childKey: string, nowMs: number): boolean {
    return nowMs >= (this.#attempts.get(childKey)?.notBeforeMs ?? nowMs);
  }

  /** A child has been put back; of neighbour discovery no policy. */
  made(childKey: string, policyUuid: PolicyUuid | undefined, nowMs: number): void {
    const count = this.#attempts.get(childKey)?.count ?? 0;
    const notBeforeMs = nowMs + Math.min(firstPauseMs * 2 ** count, maxPauseMs);
    this.#attempts.set(childKey, { policyUuid, count: count + 1, notBeforeMs });
  }

  /** These, and no others, are still missing: what is back starts afresh when it is lost again. */
  stillMissing(childKeys: ReadonlySet<string>): void {
    for (const childKey of this.#attempts.keys())
      if (!childKeys.has(childKey)) this.#attempts.delete(childKey);
  }

  /** Throws DatapathRefusedError when something of the policy was put back three times and is still missing. */
  throwIfInVain(policyUuid: PolicyUuid): void {
    for (const { policyUuid: ofChild, count } of this.#attempts.values())
      if (ofChild === policyUuid && count >= manyAttempts)
        throw new DatapathRefusedError(
          `after ${count} attempts the kernel does not hold what charon says it installed; does the kernel reader run in charon's network namespace?`,
        );
  }
}
