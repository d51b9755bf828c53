import { writeFileSync } from 'node:fs';
import { referencePages } from './reference/pages.ts';

for (const { path, text } of await referencePages()) {
  writeFileSync(new URL(`../${path}`, import.meta.url), text);
  console.log(path);
}
