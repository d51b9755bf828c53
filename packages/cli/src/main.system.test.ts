import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../../bin/esplanade', import.meta.url));

function start(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const child = spawn(program, args, { env: { ...process.env, ...environment } });
  const ended = once(child, 'exit').then(([status]) => Number(status));
  return { child, ended, errors: text(child.stderr) };
}

it('ends quietly when whoever reads goes away, as `head` does', async () => {
  const { child, ended, errors } = start(['--help']);
  child.stdout.destroy();
  expect([await ended, await errors]).toEqual([141, '']);
});

it('has one sentence for a result that there is no room for', async () => {
  const child = spawn('/bin/sh', ['-c', '"$0" --help >/dev/full', program]);
  const [errors, [status]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect([status, errors]).toEqual([1, 'esplanade: Cannot write the result: no space left on device.\n']);
});

it('stops at Ctrl-C, also while a server says nothing', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const asked = once(server, 'connection');
  const { child, ended, errors } = start(['security', 'ipsec', 'policy', 'show'], {
    ESPLANADE_URL: `https://127.0.0.1:${port}`,
    ESPLANADE_PASSWORD: 'of nobody',
  });
  const [connection] = await asked;
  child.kill('SIGINT');
  expect([await ended, await errors]).toEqual([130, '']);
  connection.destroy();
  server.close();
});

it('ends with a sentence and status 1 when what it waits for can never come', async () => {
  const stream = 'import { Readable } from "node:stream"; const value = new Readable({ read() {} });';
  const preload = `${stream} Object.defineProperty(process, "stdin", { value });`;
  const { ended, errors } = start(['login', '-password-file', '-'], {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload)}`,
  });
  expect(await errors).toMatch(/^esplanade: What this waited for never came: [^\n]*\n$/);
  expect(await ended).toBe(1);
});

it('tells its version on standard output, and mistakes on standard error', async () => {
  const version = start(['--version']);
  expect(await text(version.child.stdout)).toMatch(/^esplanade \d+\.\d+\.\d+\n$/);
  expect(await version.ended).toBe(0);
  const mistake = start(['secruity']);
  expect(await text(mistake.child.stdout)).toBe('');
  expect(await mistake.errors).toContain('Did you mean "esplanade security"?');
  expect(await mistake.ended).toBe(2);
});
