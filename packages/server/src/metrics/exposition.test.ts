import { expect, it } from 'vitest';
import { readExposition } from '../testing/exposition-families.ts';
import { family, labelsOf } from './exposition.ts';
import { Histogram } from './histogram.ts';

it('escapes what a label may not hold as it is', () => {
  const name = 'quote " backslash \\ line\nend';
  const text = family('esplanade_things', 'gauge', 'Things.', [[labelsOf({ name, other: '' }), 7]]);
  const [series] = readExposition(text).get('esplanade_things')?.series ?? [];
  expect([series?.labels.get('name'), series?.labels.get('other'), series?.value]).toEqual([name, '', 7]);
});

it('counts a value in its bucket and all above it', () => {
  const histogram = new Histogram([1, 2, 4]);
  for (const value of [0.5, 1, 3, 9]) histogram.observe('of="a"', value);
  histogram.observe('', 2);
  const text = histogram.family('esplanade_time_seconds', 'Time.');
  expect(text).toBe(
    [
      '# HELP esplanade_time_seconds Time.',
      '# TYPE esplanade_time_seconds histogram',
      ...['1"} 2', '2"} 2', '4"} 3', '+Inf"} 4'].map(
        (end) => `esplanade_time_seconds_bucket{of="a",le="${end}`,
      ),
      'esplanade_time_seconds_sum{of="a"} 13.5',
      'esplanade_time_seconds_count{of="a"} 4',
      ...['1"} 0', '2"} 1', '4"} 1', '+Inf"} 1'].map((end) => `esplanade_time_seconds_bucket{le="${end}`),
      'esplanade_time_seconds_sum 2',
      'esplanade_time_seconds_count 1',
      '',
    ].join('\n'),
  );
  expect(readExposition(text).get('esplanade_time_seconds')?.series).toHaveLength(12);
});

it.each([
  ['a metric without HELP', 'a 1\n'],
  ['a TYPE without HELP', '# TYPE a gauge\na 1\n'],
  ['a family twice', '# HELP a A.\n# TYPE a gauge\na 1\n# HELP a A.\n# TYPE a gauge\na{b="1"} 1\n'],
  ['a series twice', '# HELP a A.\n# TYPE a gauge\na 1\na 2\n'],
  ['a counter without _total', '# HELP a A.\n# TYPE a counter\na 1\n'],
  ['a label that is not escaped', '# HELP a A.\n# TYPE a gauge\na{b="c"d"} 1\n'],
  ['a value that is no number', '# HELP a A.\n# TYPE a gauge\na undefined\n'],
  [
    'buckets that shrink',
    '# HELP a A.\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n',
  ],
  ['no last line end', '# HELP a A.\n# TYPE a gauge\na 1'],
])('the reader of these tests refuses %s', (_, text) => {
  expect(() => readExposition(text)).toThrow();
});
