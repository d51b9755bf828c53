import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { goodPolicy, startTestServer, testPassword } from './testing/test-server.ts';

const policies = '/api/security/ipsec/policies';

it('no secret ever given shows in an answer, a log line or a file', async () => {
  const server = await startTestServer();
  const answers: string[] = [];
  const ask = async (method: string, url: string, body?: unknown): Promise<void> => {
    const { text, headers } = await server.request(method, url, body);
    answers.push(text, JSON.stringify(headers));
  };
  const canary = (index: number): string => `canary-${index}-secret-of-this-test`;
  try {
    await ask('PATCH', '/api/security/ipsec', { enabled: true });
    await ask('POST', `${policies}?return_records=true`, { ...goodPolicy, secret_key: canary(1) });
    await ask('POST', policies, {
      ...goodPolicy,
      name: 'conflicting',
      protocol: 'udp',
      secret_key: canary(2),
    });
    await ask('POST', policies, { ...goodPolicy, name: 'bad', protocol: 'x', secret_key: canary(3) });
    await ask('POST', policies, { ...goodPolicy, name: 'long', secret_key: canary(4).repeat(9) });
    await ask('POST', policies, { ...goodPolicy, name: 'hex', secret_key: `0x${canary(5)}` });
    await ask('POST', policies, { ...goodPolicy, name: 'object', secret_key: { value: canary(6) } });
    await ask('POST', policies, { ...goodPolicy, name: 'list', secret_key: [canary(7)] });
    await ask('POST', policies, {
      ...goodPolicy,
      name: 'twice',
      secret_key: canary(8),
      'secret_key ': canary(8),
    });
    await ask('POST', policies, { ...goodPolicy, ppk: { identity: 'ppk-id', shared_key: canary(9) } });
    await ask('PATCH', `${policies}?name=nfs`, { secret_key: canary(10) });
    const other = { ...goodPolicy, remote_endpoint: { address: '192.0.2.9', netmask: '32' } };
    const ppk = { identity: 'ppk-id', shared_key: canary(12) };
    await ask('POST', `${policies}?return_records=true`, { ...other, name: 'ppk', ppk });
    await ask('PATCH', `${policies}?name=ppk`, { ppk: { identity: 'short', shared_key: canary(13) } });
    await ask('PATCH', `${policies}?name=ppk`, { ppk: { ...ppk, shared_key: canary(14) } });
    await ask('POST', '/api/private/cli/security/ipsec/policy?return_records=true', {
      name: 'cli',
      local_ip_subnets: '192.0.2.1/32',
      remote_ip_subnets: '192.0.2.10/32',
      shared_key: canary(15),
      ppk_identity: 'ppk-id',
      ppk_shared_key: canary(16),
    });
    await ask('PATCH', '/api/private/cli/security/ipsec/policy?name=cli', { shared_key: [canary(17)] });
    await ask('GET', '/api/private/cli/security/ipsec/policy?fields=ppk-identity,ppk-shared-key');
    await ask('GET', `${policies}?fields=**`);
    await ask('GET', `${policies}?fields=secret_key`);
    await ask('GET', '/api/esplanade/v1/policies?fields=*');
    await ask('GET', '/api/security/ipsec/security-associations?fields=*');
    await ask('POST', policies, `{"name": "broken", "secret_key": "${canary(11)}"`);
    const everything = [...answers, ...server.log].join('\n');
    const kept = await server.request('GET', `${policies}?ppk.identity=ppk-id`);
    expect(kept.body.num_records).toBe(2);
    for (let index = 1; index <= 17; index += 1) expect(everything).not.toContain(canary(index));
    expect(everything).not.toContain(testPassword);
    for (const name of readdirSync(server.directory)) {
      const bytes = readFileSync(join(server.directory, name));
      expect({ name, shows: bytes.includes('canary-') }).toEqual({ name, shows: false });
      expect({ name, shows: bytes.includes(testPassword) }).toEqual({ name, shows: false });
    }
  } finally {
    await server.close();
  }
});

it('a filter by secret_key is refused without repeating it, and the URL is not logged', async () => {
  const server = await startTestServer();
  try {
    const { status, text } = await server.request('GET', `${policies}?secret_key=canary-in-a-url`);
    expect(status).toBe(400);
    const logged = server.log.join('\n');
    expect(logged).toContain('"answered"');
    expect(logged).not.toContain('canary-in-a-url');
    // The answer's own link repeats the query only where the query was good.
    expect(text).not.toContain('canary-in-a-url');
  } finally {
    await server.close();
  }
});
