import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseServeConfig } from './config.ts';
import { checkSurroundings } from './config-check.ts';
import { UsageError } from './settings.ts';

const directory = mkdtempSync(join(tmpdir(), 'esplanade-check-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = join(directory, 'file');
writeFileSync(file, '');
writeFileSync(join(directory, 'store.db'), '');

function check(...args: readonly string[]): Promise<void> {
  return checkSurroundings(parseServeConfig({ args, environment: {} }).config, undefined);
}

describe('the files a server needs', () => {
  it.each([
    [['--data-dir', join(directory, 'a', 'b')]],
    [['--data-dir', join(directory, 'a'), '--key-file', join(directory, 'key')]],
    [['--data-dir', directory, '--key-file', file]],
  ])('may be as in %j', async (args) => {
    await expect(check(...args)).resolves.toBeUndefined();
  });

  it.each([
    [['--data-dir', file], 'is not a directory'],
    [['--data-dir', join(file, 'data')], 'is not a directory'],
    [['--data-dir', directory], /--key-file: .*secrets\.key is missing, and the secrets .* sealed with it/],
    [
      ['--data-dir', join(directory, 'a'), '--key-file', '/does/not/exist'],
      'there is no directory /does/not',
    ],
    [['--data-dir', join(directory, 'a'), '--key-file', directory], 'is not a file'],
  ])('may not be as in %j', async (args, sentence) => {
    await expect(check(...args)).rejects.toThrow(UsageError);
    await expect(check(...args)).rejects.toThrow(sentence);
  });
});

describe('a password for the first account', () => {
  const checkWith = (password: string, dataDirectory: string): Promise<void> => {
    const args = ['--data-dir', dataDirectory, '--key-file', file];
    return checkSurroundings(parseServeConfig({ args, environment: {} }).config, password);
  };

  it.each(['long enough', ''])('may be "%s" on a first start', async (password) => {
    await expect(checkWith(password, join(directory, 'a'))).resolves.toBeUndefined();
  });

  it('is held to the rules of the API on a first start, and does not count later', async () => {
    await expect(checkWith('short1', join(directory, 'a'))).rejects.toThrow(
      new UsageError('ESPLANADE_ADMIN_PASSWORD: A password has 8 characters or more. Choose a longer one.'),
    );
    await expect(checkWith('short1', directory)).resolves.toBeUndefined();
  });
});
