import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivateFile } from '../private-file.ts';

/** Tells the first server on restored data what it is on. */
export const restorationNote = 'restored-backup';

/** Leaves the note: the time at which the backup was made. */
export function noteRestoration(dataDirectory: string, madeAt: string): Promise<void> {
  return writePrivateFile(join(dataDirectory, restorationNote), `${madeAt}\n`);
}

/** Takes back what `noteRestoration` left. */
export function removeRestorationNote(dataDirectory: string): Promise<void> {
  return rm(join(dataDirectory, restorationNote), { force: true });
}

/** Hands a note that is there to `tell`, a sentence, and removes it when that is done. */
export async function tellRestoration(
  dataDirectory: string,
  tell: (sentence: string) => Promise<void>,
): Promise<void> {
  let madeAt: string;
  try {
    madeAt = await readFile(join(dataDirectory, restorationNote), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  await tell(`restored from a backup made at ${madeAt.trim().slice(0, 40)}`);
  await removeRestorationNote(dataDirectory);
}
