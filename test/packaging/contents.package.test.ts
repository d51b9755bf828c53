import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';

const script = fileURLToPath(new URL('../../scripts/package.sh', import.meta.url));

async function built(directory: string, temporary = tmpdir()): Promise<string> {
  await mkdir(directory, { recursive: true });
  await runCommand('sh', [script, directory], {
    environment: { TMPDIR: temporary },
    timeoutMilliseconds: 120_000,
  });
  const [name, ...others] = (await readdir(directory)).filter((file) => file.endsWith('.deb'));
  expect(others).toEqual([]);
  return join(directory, String(name));
}

describe('the Debian package that npm run package makes', () => {
  let directory: string;
  let file: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-package-'));
    file = await built(join(directory, 'first'));
    await runCommand('dpkg-deb', ['--raw-extract', file, join(directory, 'tree')]);
  }, 120_000);

  afterAll(async () => {
    await rm(directory, { recursive: true });
  });

  it('is the same, byte for byte, when it is built again, on another file system', async () => {
    const again = await built(join(directory, 'again'), '/dev/shm');
    const digest = async (path: string): Promise<string> =>
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
    expect(await digest(again)).toBe(await digest(file));
  });

  it('belongs to root, lets nobody else write, and has every file below /etc as one of settings', async () => {
    const { stdout } = await runCommand('dpkg-deb', ['--contents', file]);
    const lines = stdout.trim().split('\n');
    expect(lines.filter((line) => !/^[-dl][rwx-]{4}[-rwx]\S* root\/root /.test(line))).toEqual([]);
    expect(lines.filter((line) => /^(.{5}w|.{8}w)/.test(line) && !line.startsWith('l'))).toEqual([]);
    const settings = lines.flatMap((line) => /^-.* \.(\/etc\/\S+)$/.exec(line)?.[1] ?? []).sort();
    const conffiles = await readFile(join(directory, 'tree/DEBIAN/conffiles'), 'utf8');
    expect(conffiles.trim().split('\n').sort()).toEqual(settings);
  });

  it('says of every npm package within under which licence it is', async () => {
    const documents = join(directory, 'tree/usr/share/doc/esplanade');
    const licences = gunzipSync(await readFile(join(documents, 'bundled-licences.txt.gz'))).toString();
    const titles = licences
      .split('\n')
      .flatMap((line, index, all) =>
        /^=+$/.test(line) ? [] : /^=+$/.test(all[index + 2] ?? '') ? [line] : [],
      );
    expect(titles).toEqual(expect.arrayContaining([expect.stringMatching(/^fastify 5\S* \(MIT\)$/)]));
    expect(
      titles.filter((title) => !/^\S+ \S+ \((MIT|ISC|BSD-[23]-Clause|Apache-2\.0|0BSD)\)$/.test(title)),
    ).toEqual([]);
  });
});
