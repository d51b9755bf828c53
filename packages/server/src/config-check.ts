import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ServeConfig } from './config.ts';
import { firstPasswordProblems } from './first-account.ts';
import { reasonOf, UsageError } from './settings.ts';

/**
 * Looks whether a server with these settings would find the files it needs and, on a first start, could use the password that
 * is given; changes nothing. Throws UsageError with everything that is wrong, one sentence a line.
 */
export async function checkSurroundings(
  config: ServeConfig,
  givenPassword: string | undefined,
): Promise<void> {
  const problems = [
    ...directoryProblems(config),
    ...keyFileProblems(config),
    ...firstPasswordProblems(config.dataDirectory, givenPassword),
  ];
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  if (config.simulatorSeedFile === undefined) return;
  const { readSeed } = await import('./engines.ts');
  await readSeed(config.simulatorSeedFile);
}

function directoryProblems({ dataDirectory }: ServeConfig): readonly string[] {
  const present = nearestPresent(dataDirectory);
  if (!statSync(present).isDirectory()) return [`--data-dir: ${present} is not a directory.`];
  const reason = whyNot(present, constants.R_OK | constants.W_OK | constants.X_OK);
  return reason === undefined ? [] : [`--data-dir: cannot write in ${present}: ${reason}.`];
}

function keyFileProblems({ keyFile, dataDirectory }: ServeConfig): readonly string[] {
  if (existsSync(keyFile)) {
    if (!statSync(keyFile).isFile()) return [`--key-file: ${keyFile} is not a file.`];
    const reason = whyNot(keyFile, constants.R_OK);
    return reason === undefined ? [] : [`--key-file: cannot read ${keyFile}: ${reason}.`];
  }
  // A first start makes the key; later it is the only one that opens what is stored.
  if (existsSync(join(dataDirectory, 'store.db')))
    return [`--key-file: ${keyFile} is missing, and the secrets in ${dataDirectory} are sealed with it.`];
  const directory = dirname(keyFile);
  if (directory === dataDirectory || existsSync(directory)) return [];
  return [`--key-file: ${keyFile} is not there, and cannot be made: there is no directory ${directory}.`];
}

function nearestPresent(path: string): string {
  return existsSync(path) ? path : nearestPresent(dirname(path));
}

function whyNot(path: string, mode: number): string | undefined {
  try {
    accessSync(path, mode);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}
