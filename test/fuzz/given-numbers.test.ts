import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const guided = fileURLToPath(new URL('guided/main.ts', import.meta.url));
const mutating = fileURLToPath(new URL('main.ts', import.meta.url));

// What is misspelt tries nothing, and nothing tried is not green.
it.each([
  ['a group that is not there', guided, ['nosuch'], 'There is no group nosuch; there are vici, text,'],
  [
    'a target that is not there',
    guided,
    ['text', '--target', 'nosuch'],
    'There is no target nosuch; there are name, policy-text',
  ],
  ['a time that is no number', guided, ['text', '--seconds', 'abc'], '--seconds: "abc" is not a number'],
  ['no time', guided, ['text', '--seconds', '0'], '--seconds: "0" is not a number of at least'],
  ['executions that are none', mutating, ['--executions', ''], '--executions: "" is not a number'],
])('a run of the fuzzer with %s fails, and says why', (_, program, args, sentence) => {
  const { status, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  expect(stderr).toContain(sentence);
  expect(status).toBe(1);
});
