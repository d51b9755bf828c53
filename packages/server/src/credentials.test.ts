import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseServeConfig, parseSharedConfig } from './config.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'esplanade-credentials-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const put = (name: string): string => {
  const path = join(directory, name);
  writeFileSync(path, 'text', { mode: 0o400 });
  return path;
};
const parse = (args: readonly string[] = []) =>
  parseServeConfig({ args, environment: { CREDENTIALS_DIRECTORY: directory } }).config;

it('the key file and the TLS pair are those that systemd hands over', () => {
  const keyFile = put('secrets.key');
  const [certificateFile, tlsKeyFile] = [put('tls.crt'), put('tls.key')];
  expect(parse()).toMatchObject({ keyFile, tls: { certificateFile, keyFile: tlsKeyFile } });
  const shared = parseSharedConfig({ args: [], environment: { CREDENTIALS_DIRECTORY: directory } }, [
    'data-dir',
    'key-file',
  ]);
  expect(shared.config.keyFile).toBe(keyFile);
});

it('what is said in the settings counts more, and half a TLS pair counts nothing', () => {
  put('secrets.key');
  put('tls.key');
  const { keyFile, tls } = parse(['--key-file', '/srv/other.key']);
  expect(keyFile).toBe('/srv/other.key');
  expect(tls).toBeUndefined();
});

it('without such a credential the key file is in the data directory', () => {
  expect(parse(['--data-dir', '/srv/data']).keyFile).toBe('/srv/data/secrets.key');
});
