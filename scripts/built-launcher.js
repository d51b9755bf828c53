#!/usr/bin/env node
// The built command. Older Nodes cannot even load it, so they are told before it is looked at.
const needed = 24;
if (Number(process.versions.node.split('.')[0]) >= needed) {
  // Imports would read all that the file and Node's modules export first, which takes longer than --help.
  const { createRequire, enableCompileCache } = process.getBuiltinModule('node:module');
  const place = ownCache(process.env);
  // A server starts once in a while, and has no place of its own to write to but its data.
  if (place !== undefined && process.argv[2] !== 'serve') enableCompileCache(`${place}/esplanade/node`);
  createRequire(import.meta.url)('./lib/esplanade.cjs');
} else {
  process.stderr.write(
    `esplanade: needs Node ${needed} or newer, and ${process.execPath} is ${process.versions.node}. Put a newer one first on PATH.\n`,
  );
  process.exitCode = 1;
}

/** Where compiled code is kept, so that the second start is quick. Nowhere where somebody else could put other code: sudo may keep HOME. */
function ownCache({ XDG_CACHE_HOME: chosen, HOME: home }) {
  const { statSync } = process.getBuiltinModule('node:fs');
  const [beneath, place] = chosen?.startsWith('/') ? [chosen, chosen] : [home, `${home}/.cache`];
  if (!beneath?.startsWith('/')) return undefined;
  for (const directory of [beneath, place, `${place}/esplanade`, `${place}/esplanade/node`]) {
    const found = statSync(directory, { throwIfNoEntry: false });
    if (found !== undefined && (found.uid !== process.getuid() || (found.mode & 0o022) !== 0)) return undefined;
  }
  return place;
}
