import { beforeEach, describe, expect, it } from 'vitest';
import { CompactedError } from './errors.ts';
import type { Store } from './store.ts';
import { byKey, collect, put, remove, type StoreUnderTest, watchUntil, zero } from './store-under-test.ts';

/** The part of the conformance suite about `watch`, for the store that a test was given. */
export function describeWatch(underTest: () => StoreUnderTest): void {
  describe('watch', () => {
    let store: Store;
    beforeEach(() => {
      store = underTest().store;
    });

    it('continues a listing without gap or repeat under concurrent writers', async () => {
      const writers = Array.from({ length: 300 }, (_, index) =>
        store.commit([put(`k/${index % 50}`, `${index}`)]),
      );
      await writers[0];
      const { documents, revision } = await store.list('k/');
      const seen = new Map(documents.map((document) => [document.key, document]));
      const last = Math.max(...(await Promise.all(writers)));
      let position: number = revision;
      for await (const commit of watchUntil(store, 'k/', revision, last)) {
        expect(commit.revision).toBe(position + 1);
        position = commit.revision;
        for (const change of commit.changes) {
          if (change.kind === 'put') seen.set(change.document.key, change.document);
        }
      }
      expect([...seen.values()].sort(byKey)).toEqual((await store.list('k/')).documents);
    });

    it('shows each commit whole, with deletions and ages, and only what is under the prefix', async () => {
      const first = await store.commit([put('a/1', 'x'), put('b/1'), put('a/2', 'y')]);
      await store.commit([put('b/2')]);
      const third = await store.commit([remove('a/1'), put('a/2', 'z'), remove('a/missing')]);
      expect(await collect(watchUntil(store, 'a/', zero, third))).toEqual([
        {
          revision: first,
          changes: [
            { kind: 'put', document: { key: 'a/1', value: 'x', created: first, modified: first } },
            { kind: 'put', document: { key: 'a/2', value: 'y', created: first, modified: first } },
          ],
        },
        {
          revision: third,
          changes: [
            { kind: 'delete', key: 'a/1' },
            { kind: 'put', document: { key: 'a/2', value: 'z', created: first, modified: third } },
          ],
        },
      ]);
    });

    it('delivers to a watcher that waits, and to several', async () => {
      const watchers = [1, 2, 3].map(() => collect(watchUntil(store, '', zero, 2)));
      await store.commit([put('a')]);
      await store.commit([put('b')]);
      for (const commits of await Promise.all(watchers)) {
        expect(commits.map((commit) => commit.revision)).toEqual([1, 2]);
      }
    });

    it('ends with CompactedError when the history it asks for is gone', { timeout: 60_000 }, async () => {
      const batch = 500;
      for (let change = 0; change < underTest().changesUntilCompaction; change += batch) {
        await store.commit(Array.from({ length: batch }, (_, index) => put(`k/${index}`)));
      }
      const late = store.watch('', zero, new AbortController().signal);
      await expect(collect(late)).rejects.toBeInstanceOf(CompactedError);
      const { revision } = await store.list('');
      const following = collect(watchUntil(store, '', revision, revision + 1));
      await store.commit([put('next')]);
      expect(await following).toHaveLength(1);
    });

    it('ends quietly when its signal aborts, before or while it waits', async () => {
      expect(await collect(store.watch('', zero, AbortSignal.abort()))).toEqual([]);
      const controller = new AbortController();
      const waiting = collect(store.watch('', zero, controller.signal));
      await store.commit([put('elsewhere')]);
      controller.abort();
      expect((await waiting).length).toBeLessThanOrEqual(1);
    });
  });
}
