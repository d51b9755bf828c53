import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../corpus', import.meta.url));

/** An input that is kept in the repository. */
export interface KeptInput {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** What is kept for a target: what reached code that nothing else did, and what once was a fault. */
export function corpusOf(target: string): readonly KeptInput[] {
  const directory = join(root, target);
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .sort()
    .map((file) => ({ file, bytes: new Uint8Array(readFileSync(join(directory, file))) }));
}

/** Adds an input; `kind` begins the file's name, `reached` or `fault`. Gives the file's path. */
export function keepInput(target: string, kind: 'reached' | 'fault', bytes: Uint8Array): string {
  const directory = join(root, target);
  mkdirSync(directory, { recursive: true });
  const file = join(directory, `${kind}-${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}`);
  writeFileSync(file, bytes);
  return file;
}
