import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes the package.json of each built artefact, from those of the sources. */

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: node scripts/write-manifests.ts DIRECTORY');

async function sourceManifest(path: string): Promise<Readonly<Record<string, unknown>>> {
  return JSON.parse(await readFile(path, 'utf8'));
}

async function write(artefact: string, manifest: Readonly<Record<string, unknown>>): Promise<void> {
  await writeFile(
    join(String(directory), artefact, 'package.json'),
    `${JSON.stringify(manifest, undefined, 2)}\n`,
  );
}

const root = await sourceManifest('package.json');
const vici = await sourceManifest('packages/vici/package.json');
const sdk = await sourceManifest('packages/sdk/package.json');
const shared = {
  version: root['version'],
  license: root['license'],
  type: 'module',
  engines: { node: '>=24' },
};

await write('esplanade', {
  name: root['name'],
  description: root['description'],
  ...shared,
  bin: {
    esplanade: 'main.js',
    'esplanade-charon': 'esplanade-charon',
    'esplanade-kernel-reader': 'esplanade-kernel-reader',
  },
});
await write('vici', {
  name: vici['name'],
  description: vici['description'],
  ...shared,
  exports: { '.': { types: './index.d.ts', default: './index.js' } },
});
await write('sdk', {
  name: sdk['name'],
  description: sdk['description'],
  ...shared,
  sideEffects: false,
  exports: {
    '.': { types: './index.d.ts', default: './index.js' },
    './node': { types: './node/index.d.ts', default: './node/index.js' },
  },
});
