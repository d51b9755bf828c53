import { expect, it } from 'vitest';
import type { Arguments } from '../command.ts';
import { exitStatus } from '../exit-status.ts';
import type { ValueFormat } from '../output/column.ts';
import type { DirectoryField } from './directory.ts';
import { wireQuery } from './wire-query.ts';

const field = (format: ValueFormat): DirectoryField => ({
  ...{ name: 'x', field: 'x', label: 'X', help: 'X', format },
  value: { kind: 'text', placeholder: 'x' },
});
const given = (text: string): Arguments => ({ has: () => true, text: () => text, list: () => [text] });

it.each([
  ['bytes', '>=18MB', '>=17950001'],
  ['bytes', '>=18.00 MB', '>=18000000'],
  ['bytes', '{18.00 MB}', '18000000'],
  ['bytes', '340 MB', '339500000..340499999'],
  ['bytes', '!340 MB', '!339500000..340499999'],
  ['bytes', '>340 MB|<120 MB', '>340499999|<119500000'],
  ['bytes', '>= 340 MB', '>=339500000'],
  ['bytes', '<=340 MB', '<=340499999'],
  ['bytes', '120 MB..340 MB', '119500000..340499999'],
  ['bytes', '"340 MB"', '339500000..340499999'],
  ['bytes', '1048576', '1048576'],
  ['seconds', '>1 h', '>3659'],
  ['seconds', '1h', '3600..3659'],
  ['seconds', '8 h 30 m', '30600..30659'],
  ['count', '1,234,567', '1234567'],
  ['integer', '1..64|null|1*', '1..64|null|1*'],
  ['text', '1 h', '1 h'],
])('a query of %s for %s is sent as one for %s', (format, typed, sent) => {
  expect(wireQuery(field(format as ValueFormat), given(typed))).toBe(sent);
});

it('sends a local time as an instant, and one with a zone as it is', () => {
  const instant = (text: string) => new Date(text).toISOString().replace('.000Z', 'Z');
  const [first, last] = [instant('2026-11-22T06:40:00'), instant('2026-11-22T06:40:00.999')];
  const sent = (text: string) => wireQuery(field('time'), given(text));
  expect(sent('2026-11-22 06:40:00')).toBe(`${first}..${last}`);
  expect(sent('>2026-11-22 06:40:00')).toBe(`>${last}`);
  expect(sent('>="11/22/2026 06:40:00"')).toBe(`>=${first}`);
  expect(sent('"11/22/2026 06:40:00".."11/22/2026 06:40:00"')).toBe(`${first}..${last}`);
  expect(sent('>2026-11-22T06:40:00Z|null')).toBe('>2026-11-22T06:40:00Z|null');
});

it.each([
  ['seconds', '1 fortnight'],
  ['seconds', '>1 fortnight'],
  ['bytes', '>=1 XB'],
  ['integer', 'one'],
  ['integer', '!one'],
])(
  'what is no number of %s is the mistake of whoever typed it, with an operator or none: %s',
  (format, typed) => {
    expect(() => wireQuery(field(format as ValueFormat), given(typed))).toThrow(
      expect.objectContaining({
        status: exitStatus.misused,
        message: expect.stringMatching(/^-x is a whole/),
      }),
    );
  },
);

it.each(['13/45/2026', '>10m', 'today', '11/22/2026 03:00:12 AM', '2026-11-22 07*', '0026-11-22'])(
  'what is no time is refused with the ways to write one: %s',
  (typed) => {
    expect(() => wireQuery(field('time'), given(typed))).toThrow(
      expect.objectContaining({
        status: exitStatus.misused,
        message: expect.stringMatching(
          /^-x is a time such as 2026-11-22 07:42:00, 11\/22\/2026 07:42:00 or 2026-11-22T07:42:00Z, not "/,
        ),
      }),
    );
  },
);

it.each(['*', '2026*', '2026-11-22T06:40:00+01:00', '2026-11-22T06:40:00.5Z', 'null', '!null'])(
  'a time as the API writes it is sent as it is: %s',
  (typed) => {
    expect(wireQuery(field('time'), given(typed))).toBe(typed);
  },
);

it('what is too large is told how large it may be', () => {
  expect(() => wireQuery(field('bytes'), given('9999999 PB'))).toThrow(
    '-x is at most 9,007,199,254,740,991, not "9999999 PB".',
  );
});
