import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Candidate } from '../completion/complete.ts';

/** Files that begin with what is typed of a path; directories end with a slash. None where they cannot be read. */
export async function filesFrom(partial: string): Promise<readonly Candidate[]> {
  const directory = partial.slice(0, partial.lastIndexOf('/') + 1);
  const name = partial.slice(directory.length);
  const entries = await readdir(directory === '' ? '.' : dirname(`${directory}.`), {
    withFileTypes: true,
  }).catch(() => []);
  return entries
    .filter((entry) => entry.name.startsWith(name) && (name !== '' || !entry.name.startsWith('.')))
    .map((entry) => ({ value: `${directory}${entry.name}${entry.isDirectory() ? '/' : ''}` }));
}
