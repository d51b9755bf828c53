import { mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BootBlocks, bootBlocksDirectory } from './boot-blocks.ts';
import { blockLine } from './engines.ts';
import { startTestServer, type TestServer } from './testing/test-server.ts';

describe('the blocks kept for the next boot', () => {
  let server: TestServer;
  let directory: string;
  beforeEach(async () => {
    server = await startTestServer();
    directory = await mkdtemp(join(tmpdir(), 'esplanade-blocks-'));
    await server.request('PATCH', '/api/security/ipsec', { enabled: true });
  });
  afterEach(async () => {
    await server.close();
    await rm(directory, { recursive: true });
  });

  const secretKey = 'nobody shall read this here';
  const create = async (name: string, remote: string, more: object = {}): Promise<string> => {
    const ends = {
      local_endpoint: { address: '192.0.2.1', netmask: '32' },
      remote_endpoint: { address: remote, netmask: '32' },
    };
    const body = { name, secret_key: secretKey, ...ends, ...more };
    const { status, headers } = await server.request('POST', '/api/security/ipsec/policies', body);
    expect(status).toBe(201);
    return headers['location'] ?? '';
  };
  /** The files after everything so far. */
  const kept = async (during: () => Promise<void> = async () => undefined) => {
    const failures: unknown[] = [];
    const blocks = new BootBlocks({
      desired: server.parts.desired,
      dataDirectory: directory,
      lineOf: blockLine,
      onFailed: (error) => failures.push(error),
    });
    await during();
    await blocks.close();
    expect(failures).toEqual([]);
    const files = await readdir(bootBlocksDirectory(directory));
    const texts = files.map((name) => readFile(join(bootBlocksDirectory(directory), name), 'utf8'));
    return { files, text: (await Promise.all(texts)).join('') };
  };

  it('are those of enabled policies that let nothing pass, without their keys, for root and us alone', async () => {
    await create('one', '192.0.2.2');
    await create('off', '192.0.2.3', { enabled: false });
    await create('free', '192.0.2.4', { action: 'bypass' });
    const { files, text } = await kept();
    expect(files).toEqual(['Default']);
    expect(text).toMatch(/^esplanade-block-\S+ \S+ 192\.0\.2\.1\/32 192\.0\.2\.2\/32\n$/);
    const { mode } = await stat(join(bootBlocksDirectory(directory), 'Default'));
    expect(mode & 0o777).toBe(0o600);
  });

  it('follow what is changed, to the last change before the end', async () => {
    const { text } = await kept(async () => {
      const gone = await create('one', '192.0.2.2');
      await create('two', '192.0.2.3');
      await server.request('DELETE', gone);
    });
    expect(text.split('\n')).toEqual([expect.stringContaining('192.0.2.3/32'), '']);
  });

  it('are written when that can be done again, although nothing changes any more', async () => {
    const away = `${directory}.away`;
    await rename(directory, away);
    const failures: unknown[] = [];
    const blocks = new BootBlocks({
      desired: server.parts.desired,
      dataDirectory: directory,
      lineOf: blockLine,
      onFailed: (error) => failures.push(error),
    });
    await create('one', '192.0.2.2');
    await expect.poll(() => failures.length > 0).toBe(true);
    // Nothing was put in its place.
    await rename(away, directory);
    const written = () => readFile(join(bootBlocksDirectory(directory), 'Default'), 'utf8').catch(() => '');
    await expect.poll(() => written()).toContain('192.0.2.2/32');
    await blocks.close();
  });

  it('are none while IPsec is disabled', async () => {
    await create('one', '192.0.2.2');
    await server.request('PATCH', '/api/security/ipsec', { enabled: false });
    expect((await kept()).text).toBe('');
  });
});
