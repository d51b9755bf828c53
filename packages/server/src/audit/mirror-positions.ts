import { readFile } from 'node:fs/promises';
import { writePrivateFile } from '../private-file.ts';

/** Where the positions are kept, in the data directory: how far the mirror is is no part of the desired state. */
export const mirrorPositionsFile = 'audit-mirror.json';

/** Reads up to which entry each destination had the log; nothing where that cannot be told. */
export async function readMirrorPositions(path: string): Promise<ReadonlyMap<string, number>> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    return new Map(entries.filter(([, position]) => Number.isSafeInteger(position)));
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isAbsent || error instanceof SyntaxError) return new Map();
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
