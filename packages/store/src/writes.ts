import type { Write } from './store.ts';

const validKey = /^[\x21-\x7e]{1,4096}$/;

/** Throws TypeError unless the writes keep the rules of `Write`: what every engine checks before it takes them. */
export function assertWrites(writes: readonly Write[]): void {
  const keys = new Set<string>();
  for (const write of writes) {
    if (!validKey.test(write.key)) throw new TypeError(`not a key: ${JSON.stringify(write.key)}`);
    if (keys.has(write.key)) throw new TypeError(`${write.key} occurs twice in one commit`);
    keys.add(write.key);
    if (write.kind === 'put' && !write.value.isWellFormed()) {
      throw new TypeError(`the value of ${write.key} is not well-formed Unicode`);
    }
  }
}
