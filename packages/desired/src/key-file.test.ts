import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreOpenError } from '@esplanade/store';
import { describe, expect, it } from 'vitest';
import { openFixture, pskPolicy } from './desired-state.fixture.ts';

describe('the key file', () => {
  it('is made for a fresh store, private, and kept', async () => {
    const { directory, close } = await openFixture();
    const path = join(directory, 'secrets.key');
    const text = await readFile(path, 'utf8');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await close();
    await openFixture(directory);
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  it('is asked for by name when it is missing although there is data, and not made anew', async () => {
    const { directory, close } = await openFixture();
    await close();
    const path = join(directory, 'secrets.key');
    await rm(path);
    await expect(openFixture(directory)).rejects.toThrow(/secrets\.key is missing.*backup/);
    await expect(stat(path)).rejects.toThrow(/ENOENT/);
  });

  it('is refused when it belongs to other data, even before there is a policy, and nothing is touched', async () => {
    const other = await openFixture();
    const { directory, close } = await openFixture();
    await close();
    const path = join(directory, 'secrets.key');
    const own = await readFile(path, 'utf8');
    const data = await readFile(join(directory, 'store.db'));
    await writeFile(path, await readFile(join(other.directory, 'secrets.key')));
    const sentence = new RegExp(`does not belong to this data, which was sealed with key ${own.slice(0, 8)}`);
    await expect(openFixture(directory)).rejects.toThrow(sentence);
    // The same id with other bytes, as of a key file that was typed in.
    await writeFile(path, `${own.slice(0, 8)} ${Buffer.alloc(32, 7).toString('base64')}\n`);
    await expect(openFixture(directory)).rejects.toThrow(sentence);
    expect(await readFile(join(directory, 'store.db'))).toEqual(data);
    await writeFile(path, own);
    await openFixture(directory);
  });

  it('is refused without repeating it when it is damaged', async () => {
    const { directory, close } = await openFixture();
    await close();
    const path = join(directory, 'secrets.key');
    const [id = '', key = ''] = (await readFile(path, 'utf8')).trim().split(' ');
    for (const text of ['', `${id}\n`, `${id} ${key.slice(1)}\n`, `${key}\n`, `${id} ${key}\nrubbish\n`]) {
      await writeFile(path, text);
      const error: unknown = await openFixture(directory).catch((reason) => reason);
      expect(error).toBeInstanceOf(StoreOpenError);
      expect(String(error)).not.toContain(key.slice(1, 20));
    }
  });

  it.each([0o604, 0o602, 0o601])('is refused with mode %o, which lets everybody in', async (mode) => {
    const { directory, close } = await openFixture();
    await close();
    const path = join(directory, 'secrets.key');
    await chmod(path, mode);
    await expect(openFixture(directory)).rejects.toThrow(/every user.*secrets\.key.*chmod 600/);
    await chmod(path, 0o640);
    await openFixture(directory);
  });

  it('opens secrets of a former key once a new one stands before it', async () => {
    const fixture = await openFixture();
    const policy = pskPolicy(fixture, 'correct horse battery staple');
    await fixture.desired.createPolicy(policy);
    await fixture.close();
    const path = join(fixture.directory, 'secrets.key');
    const newKey = `deadbeef ${Buffer.alloc(32, 7).toString('base64')}\n`;
    await writeFile(path, newKey + (await readFile(path, 'utf8')));
    const { desired } = await openFixture(fixture.directory);
    const { authentication } = desired.snapshot().policies.get(policy.uuid)?.value ?? policy;
    if (authentication.kind !== 'psk') throw new Error('the key is gone');
    expect(Buffer.from(authentication.psk.reveal()).toString()).toBe('correct horse battery staple');
  });
});
