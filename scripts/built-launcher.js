#!/usr/bin/env node
// The built command. Older Nodes cannot even load it, so they are told before it is looked at.
import { ownCache } from '../packages/cli/src/own-cache.js';

const needed = 24;
if (Number(process.versions.node.split('.')[0]) >= needed) {
  // Imports would read all that the file and Node's modules export first, which takes longer than --help.
  const { createRequire, enableCompileCache } = process.getBuiltinModule('node:module');
  // A server starts once in a while, and has no place of its own to write to but its data.
  const cache = process.argv[2] === 'serve' ? undefined : ownCache(process.env);
  if (cache !== undefined) enableCompileCache(cache);
  createRequire(import.meta.url)('./lib/esplanade.cjs');
} else {
  process.stderr.write(
    `esplanade: needs Node ${needed} or newer, and ${process.execPath} is ${process.versions.node}. Put a newer one first on PATH.\n`,
  );
  process.exitCode = 1;
}
