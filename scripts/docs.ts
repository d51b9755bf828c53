import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cliPages } from './cli/pages.ts';
import { referencePages } from './reference/pages.ts';
import { sdkFiles } from './sdk/files.ts';

const pages = [...(await referencePages()), ...(await sdkFiles()), ...(await cliPages())];
// Of commands that are gone no page stays.
rmSync(new URL('../docs/man', import.meta.url), { recursive: true, force: true });
for (const { path, text } of pages) {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(path);
}
