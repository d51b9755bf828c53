import { createHmac, createSecretKey } from 'node:crypto';

const tagBytes = 16;

/**
 * Tags of revisions that tell nothing but whether they are the same: a revision counts the commits of the whole node, and whose these
 * are is not for everybody to count. The same for the same key, so a tag outlives a restart.
 */
export function keyedTags(key: Uint8Array): (revision: number) => string {
  const secret = createSecretKey(key);
  return (revision) =>
    createHmac('sha256', secret).update(`${revision}`).digest().toString('base64url', 0, tagBytes);
}
