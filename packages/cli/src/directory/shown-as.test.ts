import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ValueFormat } from '../output/column.ts';
import { valueText } from '../output/value-text.ts';
import { shownAs } from './shown-as.ts';

const column = (format: ValueFormat) => ({ name: 'x', field: 'x', label: 'X', format });

describe.each([
  ['bytes', [0, 1, 999, 1000, 1049, 1050, 99_949, 99_950, 100_499, 340_000_000, 18_124_400, 1_200_000_000]],
  ['bytes', [999_949, 1_000_000, 9_007_199_254_740_991]],
  ['seconds', [0, 1, 45, 60, 61, 3599, 3600, 3660, 11_520, 28_800, 86_400, 86_460, 90_000, 2_592_000]],
  ['count', [0, 999, 1000, 1_234_567]],
  ['integer', [-1, 0, 64]],
] as const)('a number of %s', (format, numbers) => {
  it.each(numbers)('is among those that are shown as %s is', (number) => {
    const text = valueText(column(format), number);
    const { least, most } = shownAs(format, text) ?? { least: 'none', most: 'none' };
    expect(Number(least)).toBeLessThanOrEqual(number);
    expect(Number(most)).toBeGreaterThanOrEqual(number);
    expect(valueText(column(format), Number(least))).toBe(text);
    expect(valueText(column(format), Number(most))).toBe(text);
    expect(valueText(column(format), Number(most) + 1)).not.toBe(text);
    expect(valueText(column(format), Number(least) - 1)).not.toBe(text);
  });
});

it.each([
  ['bytes', '18.00 MB', '18000000'],
  ['bytes', '18.124 MB', '18124000'],
  ['seconds', '60 m', '3600'],
  ['seconds', '1h 0m 5s', '3605'],
] as const)('of %s what is written as nothing is shown is one value: %s', (format, text, value) => {
  expect(shownAs(format, text)).toEqual({ least: value, most: value });
});

it.each(['18MB', '18 MB', '18.0mb'])('%s is all that is shown as 18.0 MB', (text) => {
  expect(shownAs('bytes', text)).toEqual({ least: '17950001', most: '18049999' });
});

describe('an instant', () => {
  it.each(['2026-11-22T06:09:30.123Z', '2026-03-29T01:00:00Z', '2024-02-29T23:59:59Z'])(
    'is among those that are shown as %s is',
    (instant) => {
      const span = shownAs('time', valueText(column('time'), instant));
      const [least, at, most] = [span?.least ?? '', instant, span?.most ?? ''].map((each) =>
        Date.parse(each),
      );
      expect(least).toBeLessThanOrEqual(at ?? Number.NaN);
      expect(most).toBeGreaterThanOrEqual(at ?? Number.NaN);
      expect((most ?? 0) - (least ?? 0)).toBe(999);
    },
  );

  it.each([
    ['11/22/2026 06:40:00', '2026-11-22 06:40:00'],
    ['2026-11-22T06:40:00', '2026-11-22 06:40:00'],
  ])('may be written as %s too', (other, shown) => {
    expect(shownAs('time', other)).toEqual(shownAs('time', shown));
  });

  it.each([
    ['2026-11-22', 86_400_000],
    ['11/22/2026', 86_400_000],
    ['2026-11-22 06:40', 60_000],
    ['2026-11-22*', 86_400_000],
    ['11/22/2026*', 86_400_000],
    ['2026-11-22 06:40*', 60_000],
    ['2026-11-22 06:40:07*', 1000],
  ])('%s is all of it', (text, length) => {
    const { least, most } = shownAs('time', text) ?? { least: '', most: '' };
    expect(Date.parse(most) - Date.parse(least)).toBe(length - 1);
  });
});

describe('where clocks are put back and forward', () => {
  const zone = process.env.TZ;
  beforeAll(() => {
    process.env.TZ = 'America/New_York';
  });
  afterAll(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  it('a time that there is twice is both', () => {
    expect(shownAs('time', '2026-11-01 01:30')).toEqual({
      least: '2026-11-01T05:30:00Z',
      most: '2026-11-01T06:30:59.999Z',
    });
  });

  it('a day is as long as it is', () => {
    const days = ['2026-03-08', '2026-11-01'].map((day) => shownAs('time', day) ?? { least: '', most: '' });
    const hours = days.map(({ least, most }) => (Date.parse(most) + 1 - Date.parse(least)) / 3_600_000);
    expect(hours).toEqual([23, 25]);
  });

  it.each(['2026-03-08 02:30', '12/31/9999'])(
    'a time that there never is, or no API can tell, is none: %s',
    (text) => {
      expect(shownAs('time', text)).toBeUndefined();
    },
  );
});

it.each([
  ['bytes', '1.2 XB'],
  ['bytes', '1.2345 kB'],
  ['bytes', '9999999 PB'],
  ['bytes', '18 MiB'],
  ['bytes', '-'],
  ['seconds', '1 fortnight'],
  ['seconds', 'h'],
  ['count', '1,23'],
  ['integer', '1 h'],
  ['time', '2026-02-30'],
  ['time', '2026-11-22 24:00:00'],
  ['time', '2026-11-22T06:40:00Z'],
  ['time', 'yesterday'],
  ['time', '0026-11-22'],
  ['time', '2026-11-2*'],
  ['time', '2026-11-22 06:4*'],
  ['text', '5'],
] as const)('no value of %s is shown as %s', (format, text) => {
  expect(shownAs(format, text)).toBeUndefined();
});
