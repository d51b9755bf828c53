import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { runCommand } from '../test/support/command.ts';
import { Daemon } from '../test/support/daemon.ts';

const prism = '@stoplight/prism-cli';
const version = '5.16.0';

/**
 * Starts Prism's mock server, which answers from an OpenAPI document, in clear over HTTP. It is fetched from npm when a
 * benchmark asks for it, so that no installation of Esplanade brings it.
 */
export async function startPrism(
  directory: string,
  openApi: string,
): Promise<{ readonly url: string; readonly daemon: Daemon }> {
  const flags = ['--prefix', directory, '--ignore-scripts', '--no-audit', '--no-fund', '--no-save'];
  await runCommand('npm', ['install', ...flags, `${prism}@${version}`], { timeoutMilliseconds: 180_000 });
  const document = join(directory, 'openapi.json');
  await writeFile(document, openApi);
  const port = await freePort();
  const program = join(directory, 'node_modules', prism, 'dist', 'index.js');
  const options = ['mock', '--multiprocess', 'false', '--verboseLevel', 'warn', '--port', `${port}`];
  const daemon = new Daemon('Prism', [process.execPath, program, ...options, document]);
  return { url: `http://127.0.0.1:${port}`, daemon };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
