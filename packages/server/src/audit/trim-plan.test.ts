import type { LogEntry, LogHead } from '@esplanade/store';
import { describe, expect, it } from 'vitest';
import { auditText } from './audit-entry.ts';
import { planTrim } from './trim-plan.ts';

const dayMs = 86_400_000;
const nowMs = Date.UTC(2026, 10, 22);
const keep = { days: 30, mebibytes: 1 };

/** Entries of these ages in days, from number 11 on. */
function entriesOf(ages: readonly number[], characters = 0): readonly LogEntry[] {
  return ages.map((age, place) => ({
    index: 11 + place,
    entry: auditText({
      timestamp: new Date(nowMs - age * dayMs).toISOString(),
      application: 'http',
      state: 'success',
      input: 'x'.repeat(characters),
    }),
    link: new Uint8Array(32),
  }));
}

function headOf(bytes: number): LogHead {
  const empty = new Uint8Array(32);
  return { first: 11, base: empty, last: 1_000, link: empty, bytes, seal: empty };
}

describe('planTrim', () => {
  it('removes nothing from a log within its limits, or just beyond its age', () => {
    expect(planTrim(entriesOf([29, 1, 0]), headOf(1_048_576), keep, nowMs)).toBeUndefined();
    expect(planTrim(entriesOf([30.9, 1, 0]), headOf(1_000), keep, nowMs)).toBeUndefined();
    expect(planTrim([], headOf(0), keep, nowMs)).toBeUndefined();
  });

  it('removes what is too old, once the oldest is so by a day', () => {
    const trim = planTrim(entriesOf([31.1, 30.9, 30.1, 29.9, 31.5, 0]), headOf(1_000), keep, nowMs);
    expect(trim).toEqual({ before: 14, cause: 'age', reason: 'older than 30 days' });
  });

  it('removes the oldest of a log that is too large, and a sixteenth more', () => {
    const entries = entriesOf(Array(1_000).fill(0), 1_000);
    const size = Buffer.byteLength(entries[0]?.entry ?? '');
    const trim = planTrim(entries, headOf(1_048_576 + 1), keep, nowMs);
    const removed = (trim?.before ?? 0) - 11;
    expect(trim?.reason).toBe('more than 1 MiB');
    expect(1_048_577 - removed * size).toBeLessThanOrEqual((1_048_576 * 15) / 16);
    expect(1_048_577 - (removed - 1) * size).toBeGreaterThan((1_048_576 * 15) / 16);
  });

  it('takes an entry for old whose time nobody can tell', () => {
    const [first, ...others] = entriesOf([50, 50, 0]);
    if (first === undefined) throw new Error('there are three');
    for (const timestamp of ['', 'yesterday', '2026-11-31T25:00:00Z', '1 <b>']) {
      const undated = {
        ...first,
        entry: auditText({ timestamp, application: 'http', state: 'success', input: '' }),
      };
      expect(planTrim([undated, ...others], headOf(1_000), keep, nowMs)?.before).toBe(13);
      expect(
        planTrim(others.toSpliced(1, 0, { ...undated, index: 13 }), headOf(1_000), keep, nowMs)?.before,
      ).toBe(14);
    }
  });

  it('removes no more than it is shown', () => {
    expect(planTrim(entriesOf([50, 50]), headOf(1_000), keep, nowMs)?.before).toBe(13);
    expect(planTrim(entriesOf([0, 0], 10), headOf(9_000_000), keep, nowMs)?.before).toBe(13);
  });
});
