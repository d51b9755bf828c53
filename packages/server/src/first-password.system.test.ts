import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServerHome, simulated } from './testing/server-home.ts';
import { run, spawnedPassword } from './testing/spawned-server.ts';

let home: ServerHome;
beforeEach(() => {
  home = new ServerHome();
});
afterEach(() => home.leave());

describe('passwords', () => {
  it('are made up when none is given, told once and kept in a private file', async () => {
    const occupant = createServer().listen(0, '127.0.0.1');
    await once(occupant, 'listening');
    const taken = occupant.address();
    const listen = `127.0.0.1:${typeof taken === 'object' ? taken?.port : 0}`;
    const child = await run(['serve', '--data-dir', home.data, '--listen', listen, ...simulated]);
    occupant.close();
    expect(child).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        `esplanade: cannot listen on ${listen}: address already in use. Name another address with --listen.\n$`,
      ),
    });
    const password = readFileSync(join(home.data, 'admin-password'), 'utf8').trim();
    expect(child.stderr).not.toContain(password);
    expect(statSync(join(home.data, 'admin-password')).mode & 0o777).toBe(0o600);
    const server = await home.started(...simulated);
    expect(server.output.stderr).not.toContain(password);
    expect(server.output.stderr).toContain(
      `the account admin has the password in ${join(home.data, 'admin-password')}`,
    );
    expect(await server.ask('GET', '/api/cluster', undefined, password)).toMatchObject({ status: 200 });
    expect(await server.ask('GET', '/api/cluster')).toMatchObject({ status: 401 });
  });

  it('are told when the server is there, and refused where the API would refuse them', async () => {
    const short = { ESPLANADE_ADMIN_PASSWORD: 'short', ESPLANADE_DATA_DIR: home.data };
    expect(await run(['serve', ...simulated], short)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(
        'ESPLANADE_ADMIN_PASSWORD: A password has 8 characters or more. Choose a longer one.',
      ),
    });
    // So that the next start is the first one, and tells why it chose its datapath.
    expect(existsSync(home.data)).toBe(false);
    const server = await home.startedWith('', ...simulated);
    const password = readFileSync(join(home.data, 'admin-password'), 'utf8').trim();
    expect(server.output.stderr).toContain(`${password} (told this once`);
    await server.end('SIGTERM');
    expect(await run(['admin', 'reset-password'], short)).toMatchObject({ status: 2 });
    expect(readFileSync(join(home.data, 'admin-password'), 'utf8').trim()).toBe(password);
    const again = await home.startedWith('short', ...simulated);
    expect(await again.ask('GET', '/api/cluster', undefined, password)).toMatchObject({ status: 200 });
  });

  it('are reset offline only', async () => {
    const first = await home.started(...simulated);
    const held = await run(['admin', 'reset-password', '--data-dir', home.data]);
    expect(held).toMatchObject({ status: 1, stderr: expect.stringContaining('another server is using') });
    await first.end('SIGTERM');
    const made = await run(['admin', 'reset-password', '--data-dir', home.data]);
    expect(made.status).toBe(0);
    const password = readFileSync(join(home.data, 'admin-password'), 'utf8').trim();
    expect(made.stdout).toContain(password);
    const second = await home.started(...simulated);
    expect(await second.ask('GET', '/api/cluster', undefined, password)).toMatchObject({ status: 200 });
    expect(await second.ask('GET', '/api/cluster')).toMatchObject({ status: 401 });
    await second.end('SIGTERM');
    const environment = { ESPLANADE_ADMIN_PASSWORD: spawnedPassword, ESPLANADE_DATA_DIR: home.data };
    expect(await run(['admin', 'reset-password'], environment)).toMatchObject({ status: 0 });
    const third = await home.started(...simulated);
    expect(await third.ask('GET', '/api/cluster')).toMatchObject({ status: 200 });
    await expect.poll(() => existsSync(join(home.data, 'admin-password'))).toBe(false);
  });

  it('are not reset where there is no data', async () => {
    const { status, stderr } = await run(['admin', 'reset-password', '--data-dir', home.data]);
    expect({ status, stderr }).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no Esplanade data'),
    });
    expect(existsSync(home.data)).toBe(false);
  });
});
