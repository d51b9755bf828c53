import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { baseDirectory } from './base-directory.ts';

it.each([
  ['/state', '/home/alice', '/state'],
  ['state', '/home/alice', '/home/alice/.local/state'],
  ['', '/home/alice', '/home/alice/.local/state'],
  [undefined, '', join(userInfo().homedir, '.local/state')],
  [undefined, 'alice', join(userInfo().homedir, '.local/state')],
  [undefined, undefined, join(userInfo().homedir, '.local/state')],
])('files of a user are never looked for below the working directory: %s, %s', (chosen, home, directory) => {
  expect(baseDirectory(chosen, home, '.local/state')).toBe(directory);
});

it.runIf(process.getuid?.() === 0)('a user of whom the system knows no home has none', () => {
  process.seteuid?.(54321);
  try {
    expect(baseDirectory(undefined, undefined, '.config')).toBeUndefined();
    expect(baseDirectory(undefined, '/home/alice', '.config')).toBe('/home/alice/.config');
  } finally {
    process.seteuid?.(0);
  }
});
