import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Esplanade } from '../support/esplanade.ts';
import { eventually } from '../support/eventually.ts';
import { HttpsClient } from '../support/https-client.ts';
import { body } from '../support/operator.ts';

const preload = new URL('set-clock.ts', import.meta.url).href;
const dayMs = 86_400_000;
const accounts = '/api/security/accounts';

describe('a server whose clock is set', () => {
  let directory: string;
  let data: string;
  let server: Esplanade;
  let client: HttpsClient;

  const set = async (offsetMs: number): Promise<void> => {
    await writeFile(join(directory, 'clock'), String(offsetMs));
    process.kill(server.pid, 'SIGUSR2');
    await eventually('the server has the other time', async () => {
      const apart = (await nodeOf()).date - Date.now() - offsetMs;
      return Math.abs(apart) < 60_000;
    });
  };

  const nodeOf = async (): Promise<{ readonly date: number; readonly uptime: number }> => {
    const { body: answer } = await client.call('GET', '/api/cluster/nodes?fields=date,uptime');
    const [node] = (answer as { readonly records: readonly { date: string; uptime: number }[] }).records;
    if (node === undefined) throw new Error('there is no node');
    return { date: Date.parse(node.date), uptime: node.uptime };
  };

  const login = async (password: string): Promise<number> => {
    const authorization = `Basic ${Buffer.from(`keeper:${password}`).toString('base64')}`;
    return (await client.send({ method: 'GET', path: '/api/cluster', headers: { authorization } })).status;
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'esplanade-clock-'));
    data = join(directory, 'data');
    await writeFile(join(directory, 'clock'), '0');
    server = await Esplanade.start({
      dataDirectory: data,
      flags: ['--datapath', 'simulated'],
      environment: {
        NODE_OPTIONS: `--import ${preload}`,
        ESPLANADE_CLOCK_FILE: join(directory, 'clock'),
      },
    });
    client = new HttpsClient(server.url, data);
    const application = { application: 'http', authentication_methods: ['password'] };
    const keeper = {
      name: 'keeper',
      role: { name: 'admin' },
      applications: [application],
      password: passwordOf(0),
    };
    expect((await client.call('POST', accounts, keeper)).status).toBe(201);
  });

  afterAll(async () => {
    client?.close();
    await server?.stop();
    await rm(directory, { recursive: true });
  });

  const passwordOf = (number: number): string => `password number ${number}`;

  const sets = [
    { how: 'a day back', offsetMs: -dayMs },
    { how: 'two days forward', offsetMs: dayMs },
    { how: 'a day back to what it was', offsetMs: 0 },
  ];

  for (const [index, { how, offsetMs }] of sets.entries())
    it(`${how} goes on: logins, writes, readiness and the age of SAs`, async () => {
      // All caches hold something from before.
      expect(await login(passwordOf(index))).toBe(200);
      expect((await client.call('GET', '/readyz')).status).toBe(200);
      await client.call('GET', '/api/security/ipsec/security-associations');
      await set(offsetMs);

      expect(await login(passwordOf(index))).toBe(200);
      expect(await login('another')).toBe(401);
      const changed = await client.call('PATCH', `${accounts}?name=keeper`, {
        password: passwordOf(index + 1),
      });
      expect(changed.status).toBe(200);
      expect(await login(passwordOf(index))).toBe(401);
      expect(await login(passwordOf(index + 1))).toBe(200);

      const name = `policy-${index}`;
      const policy = body({
        name,
        local: '10.9.0.1',
        remote: `10.8.0.${index + 1}`,
        secretKey: 'the key of a lighthouse',
      });
      expect((await client.call('POST', '/api/security/ipsec/policies', policy)).status).toBe(201);
      expect((await nodeOf()).uptime).toBeGreaterThanOrEqual(0);

      await eventually('SAs are observed anew, at the new time', async () => {
        const { body: answer } = await client.call('GET', '/api/security/ipsec/security-associations');
        const { observed_at: observedAt } = answer as { readonly observed_at: string };
        return Math.abs(Date.parse(observedAt) - Date.now() - offsetMs) < 60_000;
      });

      await rename(data, `${data}.away`);
      await eventually(
        'the store is asked anew',
        async () => (await client.call('GET', '/readyz')).status === 503,
      );
      await rename(`${data}.away`, data);
      await eventually(
        'the store is asked anew',
        async () => (await client.call('GET', '/readyz')).status === 200,
      );
    });
});
