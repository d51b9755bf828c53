import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Esplanade } from './support/esplanade.ts';

const run = promisify(execFile);
const checkout = fileURLToPath(new URL('..', import.meta.url));

describe('what npm run build makes', () => {
  let elsewhere: string;

  beforeAll(async () => {
    elsewhere = await mkdtemp(join(tmpdir(), 'esplanade-build-'));
    await run('sh', [join(checkout, 'scripts/build.sh'), elsewhere]);
  });

  afterAll(async () => {
    await rm(elsewhere, { recursive: true });
  });

  it('is a server that serves and stores outside the repository', async () => {
    const server = await Esplanade.start({
      dataDirectory: join(elsewhere, 'data'),
      flags: ['--datapath', 'simulated'],
      command: [process.execPath, join(elsewhere, 'esplanade/main.js')],
    });
    try {
      expect((await server.call('PATCH', '/api/security/ipsec', { enabled: true })).status).toBe(200);
      expect((await server.call('GET', '/api/security/ipsec')).body).toMatchObject({ enabled: true });
    } finally {
      await server.stop();
    }
  });

  it('says which Node it needs on one that is too old', async () => {
    const disguise = 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.1.0"})';
    const main = join(elsewhere, 'esplanade/main.js');
    await expect(run(process.execPath, ['--import', disguise, main, '--version'])).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^esplanade: needs Node 24 or newer, and \S+ is 20\.1\.0\..*\n$/),
    });
  });

  it('is a VICI client that a TypeScript project elsewhere compiles against and runs', async () => {
    const project = join(elsewhere, 'project');
    await mkdir(join(project, 'node_modules/@esplanade'), { recursive: true });
    await rename(join(elsewhere, 'vici'), join(project, 'node_modules/@esplanade/vici'));
    await writeFile(join(project, 'package.json'), '{ "type": "module" }');
    await writeFile(
      join(project, 'main.ts'),
      `import { ViciClient, ViciConnectionError } from '@esplanade/vici';
       const client = new ViciClient({ path: '/nowhere/charon.vici', deadlineMs: 100 });
       const answer: unknown = await client.request('version').catch((error: unknown) => error);
       console.log(answer instanceof ViciConnectionError);
       client.close();`,
    );
    const types = join(checkout, 'node_modules/@types');
    const options = [
      '--module',
      'nodenext',
      '--target',
      'esnext',
      '--strict',
      '--typeRoots',
      types,
      '--types',
      'node',
    ];
    await run(join(checkout, 'node_modules/.bin/tsc'), [...options, 'main.ts'], { cwd: project });
    const { stdout } = await run(process.execPath, ['main.js'], { cwd: project });
    expect(stdout.trim()).toBe('true');
  });
});
