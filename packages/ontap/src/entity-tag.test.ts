import { describe, expect, it } from 'vitest';
import { askConditions, type ConditionOutcome, readConditions } from './entity-tag.ts';
import { isFailure } from './errors.ts';

function ask(ifMatch?: string, ifNoneMatch?: string, tag: string | undefined = '"42"'): string {
  const conditions = readConditions(ifMatch, ifNoneMatch);
  const outcome: ConditionOutcome = isFailure(conditions) ? conditions : askConditions(conditions, tag);
  return isFailure(outcome) ? `${outcome.status} ${outcome.problems[0].message}` : outcome;
}

describe('If-Match', () => {
  it.each(['"42"', '*', ' * ', '"1", "42"', '"42" ,"1"', ',"42",, ', '"1","42"\t,"7"'])(
    '%s holds',
    (text) => {
      expect(ask(text)).toBe('holds');
    },
  );

  it('does not hold for another tag, and says which one the record has', () => {
    expect(ask('"41", "43"')).toBe(
      '412 The record has another tag: "42", and If-Match has "41", "43". Read it again, repeat the change on what it is now, and send its tag.',
    );
  });

  it('never holds for a weak tag (RFC 9110 13.1.1), and says why', () => {
    expect(ask('W/"42"')).toMatch(/^412 .*weak/);
    expect(ask('W/"41"')).toMatch(/^412 The record has another tag/);
    expect(ask('W/"42", "42"')).toBe('holds');
  });

  it('holds with an asterisk only where records have no tags', () => {
    expect(ask('*', undefined, undefined)).toBe('holds');
    const conditions = { match: ['"42"'] };
    expect(askConditions(conditions, undefined)).toMatchObject({ status: 412 });
  });

  it.each(['42', '', ' ', ',', '"42', '"4 2"', '"42""43"', 'w/"42"', '*, "42"', '"42" "43"', '"ü"', 'W/*'])(
    '%j is refused as unreadable',
    (text) => {
      expect(ask(text)).toMatch(/^400 .*If-Match/);
    },
  );

  it('that is long and wrong at its end keeps nobody busy', () => {
    for (const part of ['"4",', ' ', ' ,', '"4" ', '"'])
      expect(ask(`${part.repeat(8_000 / part.length)}!`)).toMatch(/^400/);
    expect(ask(Array(2_000).fill('"4"').join())).toMatch(/^412/);
    expect(ask(Array(2_100).fill('"4"').join())).toMatch(/^400/);
  });
});

describe('If-None-Match', () => {
  it.each(['"42"', 'W/"42"', '*', '"1", W/"42"'])('%s means that the client has it', (text) => {
    expect(ask(undefined, text)).toBe('same');
  });

  it('holds for other tags', () => {
    expect(ask(undefined, '"1", "421"')).toBe('holds');
  });

  it('is asked only once If-Match holds', () => {
    expect(ask('"41"', '"42"')).toMatch(/^412/);
    expect(ask('"42"', '"42"')).toBe('same');
  });
});
