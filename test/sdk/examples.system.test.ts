import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Api, connect, NotFoundError, UnauthorizedError } from '@esplanade/sdk';
import { nodeTransport } from '@esplanade/sdk/node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CommandResult, runCommand } from '../support/command.ts';
import { Esplanade, testPassword } from '../support/esplanade.ts';

let directory: string;
let server: Esplanade;
let api: Api;
const login = { user: 'admin', password: testPassword };
const transport = nodeTransport({ trust: { kind: 'anyone' } });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'esplanade-sdk-'));
  server = await Esplanade.start({ dataDirectory: directory, flags: ['--datapath', 'simulated'] });
  api = connect({ url: server.url, ...login, transport });
  await api.record('/security/ipsec').modify({ enabled: true });
});

afterAll(async () => {
  transport.close();
  await server?.stop();
  await rm(directory, { recursive: true });
});

/** Runs an example as its reader would, with the server's certificate among those that Node trusts. */
async function example(name: string, ...args: readonly string[]): Promise<CommandResult> {
  const file = fileURLToPath(new URL(`../../packages/sdk/examples/${name}`, import.meta.url));
  return await runCommand(process.execPath, [file, ...args], {
    anyStatus: true,
    environment: {
      ESPLANADE_URL: server.url,
      ESPLANADE_USER: login.user,
      ESPLANADE_PASSWORD: login.password,
      PRE_SHARED_KEY: 'a key of eighteen characters',
      NODE_EXTRA_CA_CERTS: join(directory, 'tls.crt'),
    },
  });
}

it('create-policy.ts creates a policy and waits for its SA', async () => {
  const { status, stdout, stderr } = await example('create-policy.ts', '192.0.2.1', '192.0.2.2');
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^nfs is \S+, SPI [0-9a-f]{8}\n$/);
});

it('traffic.ts prints every SA, and rename-policy.ts renames a policy', async () => {
  expect((await example('traffic.ts')).stdout).toMatch(/^nfs 192\.0\.2\.2 \d+ \d+\n$/);
  expect((await example('rename-policy.ts', 'nfs', 'nfs-v4')).stdout).toBe('nfs is nfs-v4\n');
  expect(await api.collection('/security/ipsec/policies').where('name', '=', 'nfs-v4').count()).toBe(1);
  expect((await example('rename-policy.ts', 'nfs', 'nfs-v4')).stderr).toMatch('there is no policy nfs');
});

it('errors are of their classes over the network too, with either transport', async () => {
  const wrong = connect({ url: server.url, user: 'admin', password: 'wrong', transport });
  await expect(wrong.record('/cluster').get()).rejects.toThrow(UnauthorizedError);
  await expect(api.collection('/svm/svms').get('no such')).rejects.toThrow(NotFoundError);
  const untrusted = connect({ url: server.url, ...login, retries: 0 });
  await expect(untrusted.record('/cluster').get()).rejects.toThrow(/self-signed|certificate/);
});
