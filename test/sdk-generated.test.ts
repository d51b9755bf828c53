import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { sdkFiles, sdkFolder } from '../scripts/sdk/files.ts';

it('the types of the SDK say what the OpenAPI document says; otherwise `npm run docs` writes them anew', async () => {
  const files = await sdkFiles();
  const there = readdirSync(new URL(`../${sdkFolder}`, import.meta.url)).map(
    (name) => `${sdkFolder}/${name}`,
  );
  expect(there.sort()).toEqual(files.map(({ path }) => path).sort());
  const stale = files.filter(
    ({ path, text }) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8') !== text,
  );
  expect(stale.map(({ path }) => path)).toEqual([]);
}, 30_000);
