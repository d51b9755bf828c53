import type { Store } from '@esplanade/store';
import { reasonOf } from './settings.ts';

/** For how long an answer of the store is repeated without asking again: anybody may ask for it, in any number. */
const freshMs = 1_000;
const deadlineMs = 1_000;

/** Asks the store whether it can be read; resolves to why not, `undefined` when it can. */
export function createStoreProbe(
  store: Store,
  nowMs: () => number = () => performance.now(),
): () => Promise<string | undefined> {
  let last: { readonly atMs: number; readonly answer: Promise<string | undefined> } | undefined;
  const probe = async (): Promise<string | undefined> => {
    try {
      await store.list('cluster', AbortSignal.timeout(deadlineMs));
      return undefined;
    } catch (error) {
      return `the store does not answer: ${reasonOf(error)}`;
    }
  };
  return () => {
    if (last === undefined || nowMs() - last.atMs >= freshMs) last = { atMs: nowMs(), answer: probe() };
    return last.answer;
  };
}
