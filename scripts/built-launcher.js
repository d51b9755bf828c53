#!/usr/bin/env node
// The built command. Older Nodes cannot even load it, so they are told before it is looked at.
const needed = 24;
if (Number(process.versions.node.split('.')[0]) >= needed) {
  await import('./lib/esplanade.js');
} else {
  process.stderr.write(
    `esplanade: needs Node ${needed} or newer, and ${process.execPath} is ${process.versions.node}. Put a newer one first on PATH.\n`,
  );
  process.exitCode = 1;
}
