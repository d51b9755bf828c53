import { writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

/**
 * Writes the JavaScript of the built command into a directory, and what went into it into a file, for its licences:
 *
 * - `main.js`, which starts it, also on a Node that is too old, to say so.
 * - `lib/esplanade.cjs`, all that the API's commands need, in one file of CommonJS: each file and each import of a module costs every
 *   start half a millisecond, and what a command does not use is not even looked at there.
 * - `lib/*.js`, the commands that work on this machine and the server, in files that are loaded when they are needed; the
 *   store's writer is a thread with a file of its own.
 * - `kernel-reader.js`, which has privileges, in one file for itself.
 *
 * There are no source maps: the names of files would depend on where it is built. Functions keep their names, and files say where they
 * came from.
 */

const [directory, metafile] = process.argv.slice(2);
if (directory === undefined || metafile === undefined)
  throw new Error('usage: node scripts/bundle.ts DIRECTORY METAFILE');

const shared = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  logLevel: 'warning',
  metafile: true,
} as const satisfies BuildOptions;

/** Dependencies in CommonJS ask for modules of Node alone: everything else is in the bundle. */
const modules = {
  ...shared,
  format: 'esm',
  banner: { js: 'const require = process.getBuiltinModule;' },
} as const satisfies BuildOptions;

const localCommands = new Map<string, string>();

/** Leaves what works on this machine to files beside the command. */
const apart: Plugin = {
  name: 'local commands',
  setup: ({ onResolve }) => {
    onResolve({ filter: /-command\.ts$/ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      const name = basename(path, '.ts');
      localCommands.set(name, resolve(resolveDir, path));
      return { path: `./${name}.js`, external: true };
    });
  },
};

const lib = join(directory, 'lib');
const launcher = await build({
  ...shared,
  target: 'node16',
  format: 'esm',
  entryPoints: ['scripts/built-launcher.js'],
  outfile: join(directory, 'main.js'),
});
const command = await build({
  ...shared,
  format: 'cjs',
  entryPoints: ['packages/cli/src/main.ts'],
  outfile: join(lib, 'esplanade.cjs'),
  plugins: [apart],
});
const server = await build({
  ...modules,
  entryPoints: {
    ...Object.fromEntries(localCommands),
    'writer-thread': 'packages/store/src/embedded/writer-thread.ts',
  },
  outdir: lib,
  splitting: true,
});
const reader = await build({
  ...modules,
  entryPoints: { 'kernel-reader': 'packages/datapath/src/kernel/main.ts' },
  outdir: directory,
});
const inputs = Object.assign(
  {},
  ...[launcher, command, server, reader].map(({ metafile }) => metafile.inputs),
);
await writeFile(metafile, JSON.stringify({ inputs }));
