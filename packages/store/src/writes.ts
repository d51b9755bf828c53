import type { Write } from './store.ts';

const validName = /^[\x21-\x7e]{1,4096}$/;
const linkKeyBytes = 32;

/** Throws TypeError unless the writes keep the rules of `Write`: what every engine checks before it takes them. */
export function assertWrites(writes: readonly Write[]): void {
  const keys = new Set<string>();
  const trimmed = new Set<string>();
  for (const write of writes) {
    if (write.kind === 'append') {
      assertName(write.log);
      trimmed.delete(write.log);
      if (write.linkKey.length !== linkKeyBytes)
        throw new TypeError(`the key of ${write.log} is not 32 bytes`);
      assertText(write.entry, `an entry of ${write.log}`);
    } else if (write.kind === 'trim') {
      assertName(write.log);
      trimmed.add(write.log);
      if (!Number.isSafeInteger(write.before) || write.before < 1)
        throw new TypeError(`not an index of ${write.log}: ${write.before}`);
    } else {
      assertName(write.key);
      if (keys.has(write.key)) throw new TypeError(`${write.key} occurs twice in one commit`);
      keys.add(write.key);
      if (write.kind === 'put' || write.kind === 'rewrite')
        assertText(write.value, `the value of ${write.key}`);
    }
  }
  for (const log of trimmed) throw new TypeError(`${log} is trimmed without an entry that says so`);
}

function assertName(name: string): void {
  if (!validName.test(name)) throw new TypeError(`not a key: ${JSON.stringify(name)}`);
}

function assertText(text: string, what: string): void {
  if (!text.isWellFormed()) throw new TypeError(`${what} is not well-formed Unicode`);
}
