import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseServeConfig } from './config.ts';
import { checkFiles } from './config-check.ts';
import { UsageError } from './settings.ts';

const directory = mkdtempSync(join(tmpdir(), 'esplanade-check-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = join(directory, 'file');
writeFileSync(file, '');
writeFileSync(join(directory, 'store.db'), '');

function check(...args: readonly string[]): Promise<void> {
  return checkFiles(parseServeConfig({ args, environment: {} }).config);
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
