import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';

const checkout = fileURLToPath(new URL('../..', import.meta.url));

it('what the SDK says of its types compiles, and what it says must not compile does not', async () => {
  const compiler = `${checkout}/node_modules/.bin/tsc`;
  const project = ['-p', `${checkout}/packages/sdk/tsconfig.types.json`];
  const { status, stdout } = await runCommand(compiler, project, {
    anyStatus: true,
    timeoutMilliseconds: 60_000,
  });
  expect([status, stdout]).toEqual([0, '']);
}, 60_000);
