import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes the licences of every npm package that esbuild put into the bundles, one after the other, by name. */

const [licencesFile, ...metafiles] = process.argv.slice(2);
if (licencesFile === undefined || metafiles.length === 0)
  throw new Error('usage: node scripts/write-licences.ts LICENCES_FILE METAFILE...');

const directories = new Set<string>();
for (const metafile of metafiles) {
  const { inputs }: { readonly inputs: Readonly<Record<string, unknown>> } = JSON.parse(
    await readFile(metafile, 'utf8'),
  );
  for (const path of Object.keys(inputs)) {
    const directory = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
    if (directory !== undefined) directories.add(directory);
  }
}

const chapters: string[] = [];
for (const directory of [...directories].sort()) {
  const manifest: Readonly<Record<string, unknown>> = JSON.parse(
    await readFile(join(directory, 'package.json'), 'utf8'),
  );
  const files = (await readdir(directory)).filter((name) => /^licen[cs]e/i.test(name)).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(directory, name), 'utf8')));
  const title = `${manifest['name']} ${manifest['version']} (${manifest['license']})`;
  chapters.push([title, '='.repeat(title.length), ...texts.map((text) => text.trim())].join('\n\n'));
}
await writeFile(licencesFile, `${chapters.join('\n\n\n')}\n`);
