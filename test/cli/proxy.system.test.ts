import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { Esplanade, launcher, testPassword } from '../support/esplanade.ts';

let directory: string;
let server: Esplanade;
let proxy: Server;
/** What the proxy was asked for. */
const asked: (string | undefined)[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'esplanade-proxy-'));
  server = await Esplanade.start({
    dataDirectory: join(directory, 'data'),
    flags: ['--datapath', 'simulated'],
  });
  // Whatever it is asked for, it leads to the server: only it knows the name.
  proxy = createServer().on('connect', ({ url }, client: Socket) => {
    asked.push(url);
    const onward = connect(Number(new URL(server.url).port), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(onward).pipe(client);
    });
    onward.on('error', () => client.destroy());
    client.on('error', () => onward.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
});

afterAll(async () => {
  proxy.close();
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

const esplanade = (line: string, variables: Readonly<Record<string, string>> = {}) =>
  runCommand(launcher, line.split(' '), {
    anyStatus: true,
    environment: {
      ESPLANADE_URL: '',
      ESPLANADE_USER: '',
      ESPLANADE_PASSWORD: testPassword,
      XDG_CONFIG_HOME: join(directory, 'config'),
      HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      NO_PROXY: '',
      https_proxy: '',
      no_proxy: '',
      ...variables,
    },
  });

describe('the proxy that the environment names', () => {
  it('is gone through to log in and for every command, and the certificate stays pinned', async () => {
    const { fingerprint256 } = new X509Certificate(await readFile(join(directory, 'data/tls.crt')));
    const login = await esplanade(`login gateway.test:8443 -fingerprint ${fingerprint256}`);
    expect(login).toMatchObject({ status: 0, stderr: '' });
    expect(await esplanade('vserver show -type data -fields type --csv')).toMatchObject({
      status: 0,
      stdout: 'vserver,type\nsvm1,data\n',
    });
    expect(new Set(asked)).toEqual(new Set(['gateway.test:8443']));
    const other = '00'.repeat(32);
    const changed = await esplanade(`login gateway.test:8443 -fingerprint ${other}`);
    expect(changed).toMatchObject({ status: 7, stderr: expect.stringContaining('is not the one you gave') });
  });

  it('is left aside for what NO_PROXY names, and for this machine', async () => {
    asked.length = 0;
    const direct = await esplanade('vserver show', { NO_PROXY: '.test' });
    expect(direct).toMatchObject({ status: 7, stderr: expect.stringContaining('gateway.test:8443') });
    const here = await esplanade('vserver show', { ESPLANADE_URL: server.url, ESPLANADE_INSECURE: '1' });
    expect(here).toMatchObject({ status: 0, stdout: expect.stringContaining('svm1') });
    expect(asked).toEqual([]);
  });

  it('is named where it cannot be reached: status 7', async () => {
    expect(await esplanade('vserver show', { HTTPS_PROXY: 'http://127.0.0.1:1' })).toMatchObject({
      status: 7,
      stderr: 'esplanade: Nobody listens at the proxy 127.0.0.1:1.\n',
    });
  });
});
