import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { referencePages } from '../scripts/reference/pages.ts';

it('docs/reference says what the code says; otherwise `npm run docs` writes it anew', async () => {
  const stale = (await referencePages()).filter(
    ({ path, text }) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8') !== text,
  );
  expect(stale.map(({ path }) => path)).toEqual([]);
}, 30_000);
