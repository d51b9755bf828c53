import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Plugins of strongSwan, of any line, that get something from a URL, a directory or a file. */
const fetchers = ['curl', 'soup', 'winhttp', 'ldap', 'files', 'unbound', 'dnscert', 'ipseckey'];

it('charon is started without anything that could fetch what a certificate names', () => {
  const launcher = readFileSync(join(import.meta.dirname, '../bin/esplanade-charon'), 'utf8');
  const lists = Array.from(launcher.matchAll(/^ *echo ' *load = ([^']*)'$/gm), ([, list = '']) =>
    list.split(' '),
  );
  expect(lists).toHaveLength(2);
  expect(lists.flat().filter((plugin) => fetchers.includes(plugin))).toEqual([]);
  // With this, every plugin that the system has would be loaded.
  expect(launcher).not.toMatch(/load_modular|load *= *yes/);
});
