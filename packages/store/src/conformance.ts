import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeLogs } from './conformance-logs.ts';
import { describeWatch } from './conformance-watch.ts';
import { ConflictError, UnavailableError } from './errors.ts';
import type { Store, Write } from './store.ts';
import {
  collect,
  expectConflict,
  keysOf,
  put,
  remove,
  type StoreUnderTest,
  step,
  zero,
} from './store-under-test.ts';

export type { StoreUnderTest } from './store-under-test.ts';

/** What every engine of the Store contract must show; `open` gives each test an empty store. */
export function describeStoreConformance(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the store contract`, () => {
    let underTest: StoreUnderTest;
    let store: Store;
    beforeEach(async () => {
      underTest = await open();
      store = underTest.store;
    });
    afterEach(() => underTest.dispose());

    describe('list', () => {
      it('shows an empty store at revision 0', async () => {
        expect(await store.list('')).toEqual({ documents: [], revision: 0 });
      });

      it('orders by key in code units and keeps to the prefix', async () => {
        const keys = ['a/10', 'a/9', 'a/B', 'a/b', 'a', 'a0', 'b/1', 'a/~~', 'a/!'];
        await store.commit(keys.map((key) => put(key)));
        const { documents } = await store.list('a/');
        expect(documents.map((document) => document.key)).toEqual([
          'a/!',
          'a/10',
          'a/9',
          'a/B',
          'a/b',
          'a/~~',
        ]);
        expect((await store.list('')).documents).toHaveLength(keys.length);
        expect((await store.list('c')).documents).toEqual([]);
      });

      it('takes no character of a prefix for a pattern', async () => {
        await store.commit([put('a%b'), put('axb'), put('a_b'), put('a*b')]);
        expect(keysOf((await store.list('a%')).documents)).toEqual(['a%b']);
        expect(keysOf((await store.list('a_')).documents)).toEqual(['a_b']);
        expect(keysOf((await store.list('a*')).documents)).toEqual(['a*b']);
      });

      it('gives values back as they came, whatever is in them', async () => {
        const values = ['', '\0', 'a\0b', '\u{10ffff}\u{1f512}é\r\n', '"\\', '\ufeff', 'x'.repeat(300_000)];
        await store.commit(values.map((value, index) => put(`v/${index}`, value)));
        expect((await store.list('v/')).documents.map((document) => document.value)).toEqual(values);
      });

      it('shows 5,000 documents at one instant while they are being rewritten', {
        timeout: 60_000,
      }, async () => {
        const keys = Array.from({ length: 5_000 }, (_, index) => `n/${String(index).padStart(4, '0')}`);
        await store.commit(keys.map((key) => put(key, '0')));
        let generation = 0;
        let stop = false;
        const writing = (async () => {
          while (!stop) {
            generation += 1;
            await store.commit(keys.map((key) => put(key, String(generation))));
          }
        })();
        for (let round = 0; round < 5; round += 1) {
          const { documents, revision } = await store.list('n/');
          expect(documents).toHaveLength(keys.length);
          expect(new Set(documents.map((document) => document.value)).size).toBe(1);
          expect(new Set(documents.map((document) => document.modified))).toEqual(new Set([revision]));
        }
        stop = true;
        await writing;
        expect(generation).toBeGreaterThan(0);
      });

      it('is of the revision it says, while the next commit is on its way', { timeout: 60_000 }, async () => {
        await store.commit([put('k')]);
        for (let round = 0; round < 200; round += 1) {
          // Of many sizes, so that commits end at every moment of a listing.
          const committed = store.commit([put('k'), put('l', 'x'.repeat(round * 500))]);
          const { documents, revision } = await store.list('k');
          expect(documents[0]?.modified).toBe(revision);
          await committed;
        }
      });

      it('rejects with the reason of an aborted signal', async () => {
        const reason = new Error('enough');
        await expect(store.list('', AbortSignal.abort(reason))).rejects.toBe(reason);
      });
    });

    describe('commit', () => {
      it('gives each commit the next revision and its documents their ages', async () => {
        const first = await store.commit([put('a', '1'), put('b', '1')]);
        const second = await store.commit([put('a', '2')]);
        expect(second).toBeGreaterThan(first);
        expect((await store.list('')).documents).toEqual([
          { key: 'a', value: '2', created: first, modified: second },
          { key: 'b', value: '1', created: first, modified: first },
        ]);
        await store.commit([remove('a')]);
        const again = await store.commit([put('a', '3')]);
        expect((await store.list('a')).documents).toEqual([
          { key: 'a', value: '3', created: again, modified: again },
        ]);
        expect((await store.list('')).revision).toBe(again);
      });

      it('rewrites a document that stays at its revision, and whoever holds it there holds it still', async () => {
        const first = await store.commit([put('a', '1')]);
        const watched = store.watch('', first, AbortSignal.timeout(5_000))[Symbol.asyncIterator]();
        const rewrite = (value: string): Write => ({
          kind: 'rewrite',
          key: 'a',
          value,
          expect: { kind: 'revision', modified: first },
        });
        const second = await store.commit([rewrite('one')]);
        expect(second).toBeGreaterThan(first);
        const document = { key: 'a', value: 'one', created: first, modified: first };
        expect(await store.list('')).toEqual({ documents: [document], revision: second });
        expect((await watched.next()).value).toEqual({
          revision: second,
          changes: [{ kind: 'put', document }],
        });
        await store.commit([put('a', '2', { kind: 'revision', modified: first })]);
        await expect(store.commit([rewrite('late')])).rejects.toBeInstanceOf(ConflictError);
        await store.commit([remove('a')]);
        await expect(store.commit([rewrite('later')])).rejects.toBeInstanceOf(ConflictError);
        expect((await store.list('')).documents).toEqual([]);
      });

      it('changes nothing at all when one expectation fails, and names the key', async () => {
        await store.commit([put('taken', 'old')]);
        const before = await store.list('');
        await expectConflict(store, 'taken', [put('new'), remove('taken', { kind: 'absent' }), put('other')]);
        expect(await store.list('')).toEqual(before);
      });

      it('names the first of several keys that fail', async () => {
        await store.commit([put('a'), put('b')]);
        const absent = { kind: 'absent' } as const;
        await expectConflict(store, 'b', [put('c', '', absent), put('b', '', absent), put('a', '', absent)]);
      });

      const kinds = ['put', 'delete', 'check'] as const;
      it.each(kinds)('holds a %s to "absent"', async (kind) => {
        await store.commit([step(kind, 'k', { kind: 'absent' })]);
        await store.commit([put('k')]);
        await expectConflict(store, 'k', [step(kind, 'k', { kind: 'absent' })]);
      });

      it.each(kinds)('holds a %s to a revision', async (kind) => {
        const stale = await store.commit([put('k')]);
        const modified = await store.commit([put('k')]);
        await expectConflict(store, 'k', [step(kind, 'k', { kind: 'revision', modified: stale })]);
        await expectConflict(store, 'missing', [step(kind, 'missing', { kind: 'revision', modified })]);
        await store.commit([step(kind, 'k', { kind: 'revision', modified })]);
      });

      it.each(kinds)('lets a %s that expects anything through', async (kind) => {
        await store.commit([step(kind, 'k', { kind: 'any' })]);
        await store.commit([put('k')]);
        await store.commit([step(kind, 'k', { kind: 'any' })]);
      });

      it('keeps the revision when there is nothing to change', async () => {
        const modified = await store.commit([put('k')]);
        const check: Write = { kind: 'check', key: 'k', expect: { kind: 'revision', modified } };
        expect(await store.commit([check, remove('missing')])).toBe(modified);
        expect((await store.list('')).revision).toBe(modified);
      });

      it('lets one of many concurrent writers of a key win, and tells the others', async () => {
        const results = await Promise.allSettled(
          Array.from({ length: 40 }, (_, index) =>
            store.commit([put('name', `${index}`, { kind: 'absent' })]),
          ),
        );
        const lost = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason);
        expect(lost).toHaveLength(39);
        for (const reason of lost) expect(reason).toBeInstanceOf(ConflictError);
        const winner = results.findIndex((result) => result.status === 'fulfilled');
        expect((await store.list('name')).documents[0]?.value).toBe(`${winner}`);
      });

      it('loses no update of concurrent read-modify-write loops', async () => {
        await store.commit([put('counter', '0')]);
        const increment = async (): Promise<void> => {
          const [document] = (await store.list('counter')).documents;
          if (document === undefined) throw new Error('the counter is gone');
          const expected = { kind: 'revision', modified: document.modified } as const;
          try {
            await store.commit([put('counter', `${Number(document.value) + 1}`, expected)]);
          } catch (error) {
            if (!(error instanceof ConflictError)) throw error;
            await increment();
          }
        };
        await Promise.all(Array.from({ length: 20 }, increment));
        expect((await store.list('counter')).documents[0]?.value).toBe('20');
      });

      it('gives concurrent commits a revision each', async () => {
        const revisions = await Promise.all(
          Array.from({ length: 200 }, (_, index) => store.commit([put(`k/${index}`)])),
        );
        expect(new Set(revisions).size).toBe(200);
        expect((await store.list('')).revision).toBe(Math.max(...revisions));
      });

      it('is visible to a listing as soon as it resolves', async () => {
        for (let index = 0; index < 20; index += 1) {
          const revision = await store.commit([put('k', `${index}`)]);
          const listing = await store.list('k');
          expect(listing.revision).toBe(revision);
          expect(listing.documents[0]?.value).toBe(`${index}`);
        }
      });

      it('writes nothing when aborted before it was taken up', async () => {
        const reason = new Error('changed my mind');
        await expect(store.commit([put('k')], AbortSignal.abort(reason))).rejects.toBe(reason);
        expect((await store.list('')).documents).toEqual([]);
      });

      it('either writes or rejects, never both, when aborted at any later moment', async () => {
        const controller = new AbortController();
        const keys = Array.from({ length: 300 }, (_, index) => `k/${String(index).padStart(3, '0')}`);
        const results = Promise.allSettled(keys.map((key) => store.commit([put(key)], controller.signal)));
        controller.abort();
        const settled = await results;
        const resolved = keys.filter((_, index) => settled[index]?.status === 'fulfilled');
        expect(keysOf((await store.list('k/')).documents)).toEqual(resolved);
        expect(resolved.length).toBeLessThan(keys.length);
      });

      it('refuses a key twice in one commit, a key that is not printable ASCII and a broken value', async () => {
        await expect(store.commit([put('k'), remove('k')])).rejects.toBeInstanceOf(TypeError);
        await expect(store.commit([put('')])).rejects.toBeInstanceOf(TypeError);
        await expect(store.commit([put('ü')])).rejects.toBeInstanceOf(TypeError);
        await expect(store.commit([put('a b')])).rejects.toBeInstanceOf(TypeError);
        await expect(store.commit([put('k', '\ud800')])).rejects.toBeInstanceOf(TypeError);
        expect((await store.list('')).revision).toBe(0);
      });
    });

    describeLogs(() => underTest);
    describeWatch(() => underTest);

    describe('close', () => {
      it('finishes the commits already queued', async () => {
        const commits = Array.from({ length: 100 }, (_, index) => store.commit([put(`k/${index}`)]));
        await store.close();
        expect(new Set(await Promise.all(commits)).size).toBe(100);
      });

      it('ends watches quietly once they have seen everything', async () => {
        const watching = collect(store.watch('', zero, new AbortController().signal));
        const commits = [store.commit([put('a')]), store.commit([put('b')])];
        await store.close();
        expect((await watching).map((commit) => commit.revision)).toEqual(await Promise.all(commits));
      });

      it('refuses everything afterwards and may be repeated', async () => {
        await store.close();
        await store.close();
        await expect(store.commit([put('k')])).rejects.toBeInstanceOf(UnavailableError);
        await expect(store.list('')).rejects.toBeInstanceOf(UnavailableError);
        await expect(store.readLog('log', { limit: 1 })).rejects.toBeInstanceOf(UnavailableError);
        await expect(store.logHead('log')).rejects.toBeInstanceOf(UnavailableError);
        expect(await collect(store.watch('', zero, new AbortController().signal))).toEqual([]);
      });
    });
  });
}
