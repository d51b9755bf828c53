import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { assemble } from './assemble.ts';
import { parseServeConfig } from './config.ts';
import { keyedTags } from './entity-tags.ts';

const directory = await mkdtemp(join(tmpdir(), 'esplanade-tags-'));
afterAll(() => rm(directory, { recursive: true }));

/** The tags that a server on these data gives some revisions. */
async function tagsIn(name: string): Promise<readonly string[]> {
  const args = ['--data-dir', join(directory, name), '--datapath', 'simulated'];
  const { app, parts, close } = await assemble(
    parseServeConfig({ args, environment: {} }).config,
    () => undefined,
  );
  const tags = [1, 2, 3].map(parts.entityTag);
  await app.close();
  await close();
  return tags;
}

it('tags are those of before a restart, and no other data have them', async () => {
  const tags = await tagsIn('one');
  expect(await tagsIn('one')).toEqual(tags);
  const others = await tagsIn('other');
  expect(new Set([...tags, ...others]).size).toBe(6);
});

it('tags are characters of a tag, each revision has its own, and none is near that of the next', () => {
  const tagOf = keyedTags(new Uint8Array(32));
  const tags = Array.from({ length: 10_000 }, (_, revision) => tagOf(revision));
  expect(new Set(tags).size).toBe(tags.length);
  for (const tag of tags) expect(tag).toMatch(/^[\w-]{22}$/);
  // Two texts of such characters made by chance have one in 64 in common.
  const same = tags
    .slice(1)
    .flatMap((tag, index) => [...tag].filter((each, at) => each === tags[index]?.[at]));
  expect(same.length / (22 * (tags.length - 1))).toBeLessThan(1 / 32);
});
