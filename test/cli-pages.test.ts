import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { cliPages } from '../scripts/cli/pages.ts';

const root = new URL('../', import.meta.url);
const manual = fileURLToPath(new URL('docs/man/', root));
const pages = await cliPages();

describe('docs/cli.md and docs/man', () => {
  it('say what the commands say of themselves; otherwise `npm run docs` writes them anew', () => {
    const stale = pages.filter(({ path, text }) => read(path) !== text);
    expect(stale.map(({ path }) => path)).toEqual([]);
  });

  it('have no page of a command that is gone', () => {
    const there = readdirSync(manual).map((name) => `docs/man/${name}`);
    expect(pages.map(({ path }) => path)).toEqual(expect.arrayContaining(there));
  });

  it('are pages that groff has nothing to say about (Debian: groff-base)', () => {
    const files = readdirSync(manual).map((name) => `${manual}${name}`);
    const said = execFileSync('groff', ['-ww', '-man', '-Tutf8', '-Kutf8', '-z', ...files], {
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
    });
    expect(said).toBe('');
  });
});

function read(path: string): string | undefined {
  try {
    return readFileSync(new URL(path, root), 'utf8');
  } catch {
    return undefined;
  }
}
