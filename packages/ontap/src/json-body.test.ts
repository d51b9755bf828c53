import { expect, it } from 'vitest';
import { parseJsonBody } from './json-body.ts';

const read = (text: string) => parseJsonBody(new TextEncoder().encode(text));

it.each([64, 65, 200_000])(
  'reads objects and arrays %i deep within one another if that is not more than 64',
  (depth) => {
    const arrays = depth - 1;
    const body = read(`{"name": "a [[[ \\"[[", "privileges": ${'['.repeat(arrays)}${']'.repeat(arrays)}}`);
    expect(body.kind).toBe(depth > 64 ? 'invalid' : 'json');
    if (body.kind === 'invalid')
      expect(body.problem.message).toContain(
        'at character 101, where more than 64 objects and arrays are open',
      );
  },
);

it('counts what is open, not what is there', () => {
  const many = JSON.stringify({ records: Array.from({ length: 500 }, () => ({ svm: { name: 'svm1' } })) });
  expect(read(many).kind).toBe('json');
});
