import { existsSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { setPassword } from './first-account.ts';
import { FirstPasswordWatch, firstPasswordFile } from './first-password-file.ts';
import { startTestServer, type TestServer } from './testing/test-server.ts';

let server: TestServer;
let watch: FirstPasswordWatch | undefined;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(async () => {
  await watch?.close();
  await server.close();
});

const told: unknown[] = [];
const log = { error: () => undefined, warn: () => undefined, info: (line: unknown) => told.push(line) };
const start = (): FirstPasswordWatch =>
  new FirstPasswordWatch({ desired: server.parts.desired, dataDirectory: server.directory, log });
const isThere = (): boolean => existsSync(firstPasswordFile(server.directory));

it('a password that was made up is kept until the account has another, and no longer', async () => {
  const { desired } = server.parts;
  await setPassword(desired, server.directory, 'admin', undefined);
  watch = start();
  await desired.putAccount({
    name: 'keeper',
    scope: { kind: 'cluster' },
    role: 'admin',
    authenticationMethods: ['certificate'],
    isLocked: false,
  });
  await watch.close();
  expect(isThere()).toBe(true);
  watch = start();
  await setPassword(desired, server.directory, 'admin', 'another password');
  await expect.poll(isThere).toBe(false);
  expect(told.at(-1)).toContain('is removed');
});

it('a password that is no longer the account’s when a server starts is not kept', async () => {
  const { desired } = server.parts;
  await setPassword(desired, server.directory, 'admin', undefined);
  await setPassword(desired, server.directory, 'admin', 'another password');
  expect(isThere()).toBe(true);
  watch = start();
  await expect.poll(isThere).toBe(false);
});
