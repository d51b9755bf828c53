import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SpawnedServer, startServer } from './testing/spawned-server.ts';
import { goodPolicy } from './testing/test-server.ts';

const policies = '/api/security/ipsec/policies';
const password = 'a password of these tests';
let directory: string;
let server: SpawnedServer;
const start = (): Promise<SpawnedServer> =>
  startServer(['--data-dir', join(directory, 'data'), '--datapath', 'simulated']);
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'esplanade-accounts-'));
  server = await start();
});
afterEach(async () => {
  await server.end('SIGKILL');
  rmSync(directory, { recursive: true });
});

describe('an account of an SVM, over HTTPS', () => {
  it('cannot create a policy on an address it does not own, nor after a restart; on its own it can', async () => {
    const make = async (path: string, body: object) =>
      expect(await server.ask('POST', path, body)).toMatchObject({ status: 201 });
    await make('/api/svm/svms', { name: 'svm2' });
    for (const [svm, address] of [
      ['svm1', '192.0.2.1'],
      ['svm2', '192.0.2.22'],
    ])
      await make('/api/network/ip/interfaces', { name: 'lif', svm: { name: svm }, ip: { address } });
    const owner = { name: 'svm1' };
    await make('/api/security/accounts', { name: 'keeper', owner, role: { name: 'vsadmin' }, password });
    const create = (name: string, address: string) =>
      server.ask(
        'POST',
        policies,
        { ...goodPolicy, name, local_endpoint: { address, netmask: '32' } },
        password,
        'svm1\\keeper',
      );
    for (const isRestarted of [false, true]) {
      if (isRestarted) {
        await server.end('SIGTERM');
        server = await start();
      }
      for (const address of ['192.0.2.22', '192.0.2.33'])
        expect(await create('stray', address)).toMatchObject({
          status: 403,
          body: {
            error: {
              code: '990002',
              target: 'local_endpoint.address',
              message: expect.stringContaining(`SVM "svm1" does not own ${address}/32`),
            },
          },
        });
      expect(await create(`mine-${isRestarted}`, '192.0.2.1')).toMatchObject({ status: 201 });
      await server.ask('DELETE', `${policies}?name=mine-${isRestarted}`, undefined, password, 'keeper');
    }
    const left = await server.ask('GET', policies);
    expect(left.body.num_records).toBe(0);
  });
});
