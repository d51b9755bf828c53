import { describe, expect, it } from 'vitest';
import { CompactedError } from '../errors.ts';
import type { Commit, Revision } from '../store.ts';
import { RecentCommits } from './recent-commits.ts';

function commit(revision: number, changes = 1): Commit {
  return {
    revision: revision as Revision,
    changes: Array.from({ length: changes }, (_, index) => ({ kind: 'delete', key: `k${index}` })),
  };
}

function revisions(recent: RecentCommits, after: number): readonly number[] {
  return recent.since(after as Revision).map(({ revision }) => revision);
}

describe('RecentCommits', () => {
  it('knows nothing before the revision it began at', () => {
    const recent = new RecentCommits(7 as Revision, 100);
    recent.append(commit(8));
    expect(revisions(recent, 7)).toEqual([8]);
    expect(revisions(recent, 8)).toEqual([]);
    // A listing may be ahead: it sees a commit before its answer has arrived here.
    expect(revisions(recent, 9)).toEqual([]);
    expect(() => revisions(recent, 6)).toThrow(CompactedError);
  });

  it('keeps as many of the newest commits as the bound on changes allows, through any number of them', () => {
    const recent = new RecentCommits(0 as Revision, 10);
    for (let revision = 1; revision <= 500; revision += 1) {
      recent.append(commit(revision, 1 + (revision % 3)));
      let oldest = revision;
      let changes = 1 + (revision % 3);
      while (oldest > 1 && changes + 1 + ((oldest - 1) % 3) <= 10) {
        oldest -= 1;
        changes += 1 + (oldest % 3);
      }
      expect(revisions(recent, oldest - 1)).toEqual(
        Array.from({ length: revision - oldest + 1 }, (_, index) => oldest + index),
      );
      if (oldest > 1) expect(() => revisions(recent, oldest - 2)).toThrow(CompactedError);
    }
  });

  it('keeps the newest commit however large', () => {
    const recent = new RecentCommits(0 as Revision, 10);
    recent.append(commit(1));
    recent.append(commit(2, 1_000));
    expect(revisions(recent, 1)).toEqual([2]);
    expect(() => revisions(recent, 0)).toThrow(CompactedError);
  });
});
