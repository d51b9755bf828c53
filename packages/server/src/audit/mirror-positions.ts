import { readFile } from 'node:fs/promises';
import { writePrivateFile } from '../private-file.ts';

/** Where the positions are kept, in the data directory: how far the mirror is is no part of the desired state. */
export const mirrorPositionsFile = 'audit-mirror.json';

/** Reads up to which entry each destination had the log; `undefined` where the file is damaged. */
export async function readMirrorPositions(path: string): Promise<ReadonlyMap<string, number> | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const entries = Object.entries(value);
    return entries.every(([, position]) => Number.isSafeInteger(position)) ? new Map(entries) : undefined;
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isAbsent) return new Map();
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Keeps the positions. */
export async function writeMirrorPositions(
  path: string,
  positions: ReadonlyMap<string, number>,
): Promise<void> {
  await writePrivateFile(path, `${JSON.stringify(Object.fromEntries(positions))}\n`);
}
