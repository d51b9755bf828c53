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
  ['bytes', '>=18MB', '>=18000000'],
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
