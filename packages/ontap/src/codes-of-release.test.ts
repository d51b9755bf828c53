import { describe, expect, test } from 'vitest';
import { createInRelease } from './codes-of-release.ts';
import type { ApiFailure } from './errors.ts';

const codes = [
  { code: '104', status: 409, message: 'Taken.', since: '9.9.1', before: '103' },
  { code: '103', status: 409, message: 'Taken.', until: '9.8' },
  { code: '148', status: 400, message: 'No name.', since: '9.16.1' },
  { code: '7', status: 400, message: 'Old as the hills.' },
  { code: '8', status: 400, message: 'One way to be wrong.', since: '9.17.1' },
  { code: '8', status: 400, message: 'Another.' },
];
const failed: ApiFailure = {
  kind: 'failure',
  problems: [
    { code: '104', message: 'Taken.', target: 'name' },
    { code: '148', message: 'No name.' },
    { code: '7', message: 'Old.' },
    { code: '8', message: 'Another.' },
    { code: '4', message: 'of the dialect itself' },
  ],
};

function codesIn(release: string): readonly string[] {
  return createInRelease(codes, release)(failed).problems.map(({ code }) => code);
}

describe('a failure in an emulated release', () => {
  test('has its own codes where the release knows them', () => {
    expect(createInRelease(codes, '9.16.1')(failed)).toEqual(failed);
    expect(codesIn('9.18.1')).toEqual(['104', '148', '7', '8', '4']);
  });

  test('has the former code, or the generic one, where it does not', () => {
    expect(codesIn('9.15.1')).toEqual(['104', '262197', '7', '8', '4']);
    expect(codesIn('9.8')).toEqual(['103', '262197', '7', '8', '4']);
  });

  test('keeps sentence and field', () => {
    const [first] = createInRelease(codes, '9.8')(failed).problems;
    expect(first).toEqual({ code: '103', message: 'Taken.', target: 'name' });
  });
});
