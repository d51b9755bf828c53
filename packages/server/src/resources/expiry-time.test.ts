import { expect, it } from 'vitest';
import { parseExpiry } from './expiry-time.ts';

const now = new Date('2026-01-31T12:00:00Z');

it.each([
  ['P365DT', '2027-01-31T12:00:00.000Z'],
  ['P1D', '2026-02-01T12:00:00.000Z'],
  ['p2w', '2026-02-14T12:00:00.000Z'],
  ['P1Y2M', '2027-03-31T12:00:00.000Z'],
  ['P10Y', '2036-01-31T12:00:00.000Z'],
  ['P1DT1H2M3S', '2026-02-01T13:02:03.000Z'],
  ['PT24H', '2026-02-01T12:00:00.000Z'],
  ['2030-06-01', '2030-06-01T00:00:00.000Z'],
  ['2030-06-01T01:02:03', '2030-06-01T01:02:03.000Z'],
  ['2030-06-01T01:02:03+02:00', '2030-05-31T23:02:03.000Z'],
])('takes %s', (text, expected) => {
  expect(parseExpiry(text, now)?.toISOString()).toBe(expected);
});

it.each([
  '',
  'P',
  'PT',
  'P1',
  'P23H',
  'PT23H',
  'P10Y1D',
  'P999999Y',
  'P-1D',
  '365',
  'tomorrow',
  '2026-01-31T13:00:00Z',
  '2026-13-45',
  '2036-02-01',
])('takes no %j', (text) => {
  expect(parseExpiry(text, now)).toBeUndefined();
});
