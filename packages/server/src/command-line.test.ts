import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const nowhere = join('/nonexistent', 'esplanade-data');

function esplanade(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('the command line', () => {
  it.each([
    ['audit', 'esplanade audit verify [OPTIONS]\n'],
    ['admin', 'esplanade admin reset-password [OPTIONS]\n'],
    ['datapath', 'esplanade datapath purge [OPTIONS]\n'],
    ['key', 'esplanade key status [OPTIONS]\n'],
  ])('has help of the commands that begin with "%s"', (group, beginning) => {
    const { status, stdout } = esplanade(group, '--help');
    expect({ status, beginning: stdout.slice(0, beginning.length) }).toEqual({ status: 0, beginning });
  });

  it.each([
    [['backup', 'a', 'b'], 'esplanade backup FILE: "b" is one file too many. esplanade backup --help'],
    [['restore', 'a', 'b'], 'esplanade restore FILE: "b" is one file too many. esplanade restore --help'],
    [['audit'], 'There is no command "audit".'],
  ])('says of %j what it takes', (args, sentence) => {
    const { status, stderr } = esplanade(...args);
    expect(stderr).toContain(sentence);
    expect(status).toBe(2);
  });

  it.each([
    [['key', 'status']],
    [['key', 'rotate']],
    [['key', 'retire']],
    [['backup', join(nowhere, 'backup')]],
    [['audit', 'verify']],
  ])('has one sentence for %j where there is no data', (args) => {
    expect(esplanade(...args, '--data-dir', nowhere)).toEqual({
      status: 1,
      stdout: '',
      stderr: `esplanade: there is no Esplanade data in ${nowhere}\n`,
    });
  });
});
