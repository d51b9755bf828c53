import { isLinked, isSame, isSealed, type LinkKey, readyLinkKey } from './log-chain.ts';
import type { LogEntry, LogHead, Store } from './store.ts';

/** An entry that somebody has noted elsewhere: a log that was put back as a whole to a former state no longer has it. */
export type LogMark = Pick<LogEntry, 'index' | 'link'>;

/** Whether a log is as its engine wrote it. */
export type LogVerdict =
  /** Every entry from `head.first` to `head.last` is the one that was written, none is missing, and none was added. */
  | { readonly kind: 'whole'; readonly head: LogHead }
  /** What is wrong, in a sentence, and at which entry; there may be more behind it. */
  | { readonly kind: 'broken'; readonly index: number; readonly sentence: string };

/** What to verify. */
export interface LogToVerify {
  readonly store: Pick<Store, 'readLog' | 'logHead'>;
  readonly log: string;
  readonly linkKey: Uint8Array;
  readonly marks?: readonly LogMark[];
}

const entriesPerRead = 200;

/**
 * Holds every entry of a log against its chain, and both ends against the sealed head. Entries may be added and trimmed meanwhile:
 * what was added after the start is not looked at. Takes memory for some entries only.
 */
export function verifyLog(given: LogToVerify): Promise<LogVerdict> {
  return verdictOf(() => walk(given));
}

/** Looks at both ends of a log only, while nobody writes to it: as long as it takes whatever its size. */
export function verifyLogEnds(given: LogToVerify): Promise<LogVerdict> {
  return verdictOf(async () => {
    const { store, log } = given;
    const linkKey = readyLinkKey(given.linkKey);
    const head = await readHead(given, linkKey);
    const [oldest] = await store.readLog(log, { limit: 1 });
    const [newest, beforeIt] = await store.readLog(log, { limit: 2, order: 'newest-first' });
    if (oldest?.index !== head.first) throw new LogBreak(head.first, 'it is not the oldest one');
    assertLinked(linkKey, head.base, oldest);
    if (newest?.index !== head.last || !isSame(newest.link, head.link))
      throw new LogBreak(head.last, 'it is not the newest one');
    assertLinked(linkKey, beforeIt?.link ?? head.base, newest);
    return head;
  });
}

async function verdictOf(look: () => Promise<LogHead>): Promise<LogVerdict> {
  try {
    return { kind: 'whole', head: await look() };
  } catch (error) {
    if (error instanceof LogBreak) return { kind: 'broken', index: error.index, sentence: error.message };
    throw error;
  }
}

/** Ends the walk at the first thing that is wrong. */
class LogBreak extends Error {
  readonly index: number;

  constructor(index: number, sentence: string) {
    super(sentence);
    this.index = index;
  }
}

async function readHead({ store, log }: LogToVerify, linkKey: LinkKey): Promise<LogHead> {
  const head = await store.logHead(log);
  if (head === undefined) throw new LogBreak(1, 'the head of the log is gone, or all of it');
  if (!isSealed(linkKey, log, head))
    throw new LogBreak(head.last, 'the head of the log, which says where it begins and ends, was altered');
  return head;
}

async function walk(given: LogToVerify): Promise<LogHead> {
  const { store, log, marks = [] } = given;
  const linkKey = readyLinkKey(given.linkKey);
  const head = await readHead(given, linkKey);
  const [stray] = await store.readLog(log, { before: head.first, limit: 1 });
  if (stray !== undefined)
    throw new LogBreak(stray.index, `it lies before the log's first entry, ${head.first}`);

  let next = { index: head.first, base: head.base };
  while (next.index <= head.last) {
    const entries = await store.readLog(log, {
      after: next.index - 1,
      before: head.last + 1,
      limit: entriesPerRead,
    });
    if (entries[0]?.index !== next.index) {
      const { first, base } = await readHead(given, linkKey);
      if (first <= next.index) throw new LogBreak(next.index, 'it is missing');
      next = { index: first, base };
      continue;
    }
    for (const entry of entries) {
      if (entry.index !== next.index) throw new LogBreak(next.index, 'it is missing');
      assertLinked(linkKey, next.base, entry);
      assertMarked(marks, entry);
      next = { index: entry.index + 1, base: entry.link };
    }
  }
  if (next.index === head.last + 1 && !isSame(next.base, head.link))
    throw new LogBreak(head.last, 'the head of the log names another last entry');

  const [newest] = await store.readLog(log, { limit: 1, order: 'newest-first' });
  const { last } = await readHead(given, linkKey);
  if (newest !== undefined && newest.index > last)
    throw new LogBreak(last + 1, `it lies behind the log's last entry, ${last}`);
  if (last < head.last) throw new LogBreak(last + 1, 'it was taken away while the log was read');
  const beyond = marks.find(({ index }) => index > last);
  if (beyond !== undefined)
    throw new LogBreak(last + 1, `the log ends at ${last}, and entry ${beyond.index} was noted once`);
  return head;
}

function assertLinked(linkKey: LinkKey, base: Uint8Array, entry: LogEntry): void {
  if (isLinked(linkKey, base, entry)) return;
  throw new LogBreak(
    entry.index,
    'it was altered, or does not follow the one before it: something was altered, removed, moved or put in there',
  );
}

function assertMarked(marks: readonly LogMark[], { index, link }: LogEntry): void {
  const mark = marks.find((candidate) => candidate.index === index);
  if (mark !== undefined && !isSame(mark.link, link))
    throw new LogBreak(index, 'it is another than the one that was noted once');
}
