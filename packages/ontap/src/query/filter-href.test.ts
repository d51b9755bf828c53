import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coast, type Lighthouse, send } from '../lighthouses.fixture.ts';
import { filterHref } from './filter-href.ts';

/** Texts made of what the query language and URLs treat specially. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc
    .array(
      fc.constantFrom('"', '{', '}', '*', '|', '!', '<', '=', '..', ',', 'null', '&', '%', '+', '#', ' '),
    )
    .map((pieces) => pieces.join('')),
);

function lighthouse(name: string, svmName: string, index: number): Lighthouse {
  return { uuid: `u${index}`, name, svmUuid: 's', svmName };
}

describe('a link to the records of given values', () => {
  test('finds these and no others', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 6 }),
        fc.nat(5),
        async (pairs, choice) => {
          const records = pairs.map(([name, svmName], index) => lighthouse(name, svmName, index));
          const { name, svmName } = records[choice % records.length] ?? lighthouse('', '', 0);
          const url = filterHref('/coast/lighthouses', { name, 'svm.name': svmName });
          const { json } = await send(coast(records), 'GET', url, { accept: 'application/json' });
          const expected = records.filter((each) => each.name === name && each.svmName === svmName);
          expect(json.records?.map(({ uuid }) => uuid)).toEqual(expected.map(({ uuid }) => uuid));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('is as plain as its values', () => {
    expect(filterHref('/coast/lighthouses', { name: 'fastnet', 'svm.name': 'a|b' })).toBe(
      '/api/coast/lighthouses?name=fastnet&svm.name=%22a%7Cb%22',
    );
  });
});
