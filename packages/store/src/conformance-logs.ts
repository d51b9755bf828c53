import { beforeEach, describe, expect, it } from 'vitest';
import { ConflictError } from './errors.ts';
import type { LogEntry, LogRange, Store } from './store.ts';
import { append, keysOf, linkKey, put, type StoreUnderTest, watchUntil, zero } from './store-under-test.ts';
import { verifyLog } from './verify-log.ts';

/** The part of the conformance suite about append-only logs. */
export function describeLogs(underTest: () => StoreUnderTest): void {
  describe('logs', () => {
    let store: Store;
    beforeEach(() => {
      store = underTest().store;
    });

    const read = async (range: Partial<LogRange> = {}, log = 'log') =>
      textsOf(await store.readLog(log, { limit: 10_000, ...range }));
    const verify = (log = 'log') => verifyLog({ store, log, linkKey });
    const expectWhole = async (first: number, last: number, log = 'log') =>
      expect(await verify(log)).toMatchObject({ kind: 'whole', head: { first, last } });

    it('are empty before their first entry', async () => {
      expect(await store.readLog('log', { limit: 10 })).toEqual([]);
      expect(await store.logHead('log')).toBeUndefined();
    });

    it('number their entries from 1, in the order of commits, and each log by itself', async () => {
      await store.commit([append('a'), append('b'), append('x', 'other')]);
      await store.commit([append('c'), append('y', 'other')]);
      const entries = await store.readLog('log', { limit: 10 });
      expect(entries.map(({ index, entry }) => [index, entry])).toEqual([
        [1, 'a'],
        [2, 'b'],
        [3, 'c'],
      ]);
      expect(await read({}, 'other')).toEqual(['x', 'y']);
      expect(await store.logHead('log')).toMatchObject({ first: 1, last: 3, bytes: 3 });
      await expectWhole(1, 3);
      await expectWhole(1, 2, 'other');
    });

    it('give equal entries of different logs, places and keys different links', async () => {
      await store.commit([append('a'), append('a'), append('a', 'other')]);
      await store.commit([{ ...append('a', 'third'), linkKey: new Uint8Array(32) }]);
      const logs = await Promise.all(
        ['log', 'other', 'third'].map((log) => store.readLog(log, { limit: 2 })),
      );
      const links = logs.flat().map(({ link }) => Buffer.from(link).toString('hex'));
      expect(new Set(links).size).toBe(4);
    });

    it('are read in either direction, within bounds, up to a limit', async () => {
      await store.commit(['a', 'b', 'c', 'd', 'e'].map((entry) => append(entry)));
      expect(await read({ limit: 2 })).toEqual(['a', 'b']);
      expect(await read({ limit: 2, after: 2 })).toEqual(['c', 'd']);
      expect(await read({ limit: 2, order: 'newest-first' })).toEqual(['e', 'd']);
      expect(await read({ limit: 2, order: 'newest-first', before: 4 })).toEqual(['c', 'b']);
      expect(await read({ after: 1, before: 4 })).toEqual(['b', 'c']);
      expect(await read({ after: 5 })).toEqual([]);
    });

    it('give entries back as they came, whatever is in them', async () => {
      const texts = ['', '\0', 'a\0b', '\u{10ffff}\u{1f512}é\r\n', '"\\', '\ufeff', 'x'.repeat(300_000)];
      await store.commit(texts.map((text) => append(text)));
      expect(await read()).toEqual(texts);
      const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
      expect(await store.logHead('log')).toMatchObject({ bytes });
      await expectWhole(1, texts.length);
    });

    it('are no documents, and alone change no revision', async () => {
      const watched = Array.fromAsync(watchUntil(store, '', zero, 2));
      const first = await store.commit([append('a'), put('k', '1')]);
      expect(await store.commit([append('b')])).toBe(first);
      const second = await store.commit([append('c'), put('k', '2')]);
      expect(second).toBe(first + 1);
      expect(keysOf((await store.list('')).documents)).toEqual(['k']);
      expect((await watched).map(({ changes }) => changes.length)).toEqual([1, 1]);
    });

    it('get no entry from a commit that fails', async () => {
      await store.commit([put('k'), append('a')]);
      await expect(store.commit([append('b'), put('k', '', { kind: 'absent' })])).rejects.toBeInstanceOf(
        ConflictError,
      );
      expect(await read()).toEqual(['a']);
    });

    it('never fork, whoever writes at once, and have an entry of each change and of nothing else', async () => {
      const rounds = Array.from({ length: 300 }, (_, index) => index);
      const results = await Promise.allSettled(
        rounds.map((index) =>
          store.commit([
            append(`${index}`),
            // Many conflicts, in the same batches as what succeeds.
            put(`k/${index % 100}`, `${index}`, { kind: 'absent' }),
          ]),
        ),
      );
      const written = rounds.filter((index) => results[index]?.status === 'fulfilled');
      expect(written).toHaveLength(100);
      expect((await read()).map(Number)).toEqual(written);
      expect(
        (await store.list('k/')).documents.map(({ value }) => Number(value)).sort((a, b) => a - b),
      ).toEqual(written);
      await expectWhole(1, 100);
    });

    it('are trimmed from the oldest on, and keep their numbers', async () => {
      await store.commit(['a', 'b', 'c', 'd'].map((entry) => append(entry)));
      await store.commit([{ kind: 'trim', log: 'log', before: 3 }, append('trimmed')]);
      expect(await read()).toEqual(['c', 'd', 'trimmed']);
      expect(await store.logHead('log')).toMatchObject({ first: 3, last: 5, bytes: 9 });
      await expectWhole(3, 5);
      await store.commit([{ kind: 'trim', log: 'log', before: 2 }, append('e')]);
      await expectWhole(3, 6);
    });

    it('keep the entry that says so, when all others are trimmed', async () => {
      await store.commit([append('a'), append('b')]);
      await store.commit([{ kind: 'trim', log: 'log', before: 1_000 }, append('trimmed')]);
      expect(await read()).toEqual(['trimmed']);
      await expectWhole(3, 3);
      await store.commit([append('c')]);
      await expectWhole(3, 4);
    });

    it('are whole to one who reads them while others append and trim', async () => {
      await store.commit([append('0')]);
      const writing = Promise.all(
        Array.from({ length: 400 }, (_, index) =>
          store.commit(
            index % 20 === 19
              ? [{ kind: 'trim', log: 'log', before: index - 5 }, append('trimmed')]
              : [append(`${index}`)],
          ),
        ),
      );
      const verdicts = [];
      for (let round = 0; round < 20; round += 1) verdicts.push((await verify()).kind);
      await writing;
      expect(new Set(verdicts)).toEqual(new Set(['whole']));
      await expectWhole(394, 401);
    });

    it('are broken to one with another key, and where somebody wrote with another key', async () => {
      await store.commit([append('a'), append('b')]);
      expect(await verifyLog({ store, log: 'log', linkKey: new Uint8Array(32) })).toMatchObject({
        kind: 'broken',
      });
      await store.commit([{ ...append('c'), linkKey: new Uint8Array(32) }]);
      expect(await verify()).toMatchObject({ kind: 'broken' });
      await store.commit([append('d')]);
      expect(await verify()).toMatchObject({ kind: 'broken', index: 3 });
    });

    it('are broken where they should have been there and were not', async () => {
      const { begins: _, ...later } = append('a');
      await store.commit([later]);
      expect(await read()).toEqual(['a']);
      expect(await verify()).toMatchObject({ kind: 'broken', index: 1 });
    });

    it('are broken to one who noted an entry that they do not have', async () => {
      await store.commit([append('a'), append('b')]);
      const [first, second] = await store.readLog('log', { limit: 2 });
      if (first === undefined || second === undefined) throw new Error('two entries were written');
      expect(await verifyLog({ store, log: 'log', linkKey, marks: [first, second] })).toMatchObject({
        kind: 'whole',
      });
      const other = { index: 2, link: first.link };
      expect(await verifyLog({ store, log: 'log', linkKey, marks: [other] })).toMatchObject({
        kind: 'broken',
        index: 2,
      });
      const later = { index: 9, link: first.link };
      expect(await verifyLog({ store, log: 'log', linkKey, marks: [later] })).toMatchObject({
        kind: 'broken',
        index: 3,
      });
    });

    it('refuse a trim that no entry tells of, a broken text, a name that is none and a key of another size', async () => {
      const trim = { kind: 'trim', log: 'log', before: 1 } as const;
      const wrong = [
        [trim],
        [append('a'), trim],
        [trim, append('a', 'other')],
        [{ ...trim, before: 0 }, append('a')],
        [{ ...trim, before: 1.5 }, append('a')],
        [append('\ud800')],
        [append('a', '')],
        [append('a', 'ü')],
        [{ ...append('a'), linkKey: new Uint8Array(31) }],
      ] as const;
      for (const writes of wrong) await expect(store.commit(writes)).rejects.toBeInstanceOf(TypeError);
      expect(await store.logHead('log')).toBeUndefined();
    });
  });
}

function textsOf(entries: readonly LogEntry[]): readonly string[] {
  return entries.map(({ entry }) => entry);
}
