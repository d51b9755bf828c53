import { createPrivateKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { issueCertificate } from '@esplanade/domain/testing/certificates';
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
      ppk_identity: 'ppk-id-2',
      ppk_shared_key: canary(16),
    });
    await ask('PATCH', '/api/private/cli/security/ipsec/policy?name=cli', { shared_key: [canary(17)] });
    await ask('GET', '/api/private/cli/security/ipsec/policy?fields=ppk-identity,ppk-shared-key');
    const accounts = '/api/security/accounts';
    await ask('POST', `${accounts}?return_records=true`, { name: 'keeper', password: canary(18) });
    await ask('POST', accounts, { name: 'keeper', password: canary(19) });
    await ask('POST', accounts, { name: 'other', password: [canary(20)], comment: 'x'.repeat(999) });
    await ask('PATCH', `${accounts}?name=keeper`, { password: canary(21), role: { name: 'nobody' } });
    await ask('PATCH', `${accounts}?name=keeper&return_records=true`, { password: canary(22) });
    await ask('GET', `${accounts}?fields=**`);
    await ask('GET', `${accounts}?fields=password`);
    await ask('GET', `${policies}?fields=**`);
    await ask('GET', `${policies}?fields=secret_key`);
    await ask('GET', '/api/esplanade/v1/policies?fields=*');
    await ask('GET', '/api/security/ipsec/security-associations?fields=*');
    await ask('POST', policies, `{"name": "broken", "secret_key": "${canary(11)}"`);
    const everything = [...answers, ...server.log].join('\n');
    const kept = await server.request('GET', `${policies}?ppk.identity=ppk-id*`);
    expect(kept.body.num_records).toBe(2);
    for (let index = 1; index <= 22; index += 1) expect(everything).not.toContain(canary(index));
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

it('no private key shows in an answer, a log line or a file, whether it is good, bad or in the wrong field', async () => {
  const server = await startTestServer();
  const certificates = '/api/security/certificates';
  const answers: string[] = [];
  const ask = async (method: string, url: string, body?: unknown) => {
    const answer = await server.request(method, url, body);
    answers.push(answer.text, JSON.stringify(answer.headers));
    return answer;
  };
  const ca = issueCertificate({ subject: '/CN=harbour', isCa: true });
  const other = issueCertificate({ subject: '/CN=other' });
  const form = { format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'open' } as const;
  const encrypted = String(createPrivateKey(other.key).export(form));
  try {
    const install = { type: 'root_ca', public_certificate: ca.certificate };
    for (const private_key of [other.key, encrypted, other.key.slice(0, 120), [ca.key], { pem: ca.key }])
      expect((await ask('POST', certificates, { ...install, private_key })).status).toBe(400);
    const installed = await ask('POST', `${certificates}?return_records=true`, {
      ...install,
      private_key: ca.key,
    });
    expect(installed.status).toBe(201);
    for (const field of [
      'name',
      'type',
      'common_name',
      'expiry_time',
      'svm.name',
      'key_size',
      'hash_function',
    ])
      for (const key of [ca.key, ca.key.replaceAll('\n', ' ')])
        expect((await ask('POST', certificates, { ...install, [field]: key })).status).not.toBe(201);
    for (const field of ['name', 'local_identity', 'protocol', 'action', 'remote_endpoint.address'])
      await ask('POST', policies, { ...goodPolicy, [field]: ca.key });
    const sign = `${installed.headers['location']}/sign`;
    await ask('POST', sign, { signing_request: ca.key });
    await ask('POST', sign, { signing_request: ca.key, hash_function: ca.key, expiry_time: ca.key });
    await ask('GET', `${certificates}?fields=**`);
    await ask('GET', `${certificates}?fields=private_key`);
    const everything = [...answers, ...server.log].join('\n');
    const lines = [ca.key, other.key, encrypted].flatMap((key) => key.split('\n').slice(1, -2));
    expect(lines.length).toBeGreaterThan(6);
    for (const line of lines) {
      expect(everything).not.toContain(line);
      expect(everything).not.toContain(line.slice(0, 24));
    }
    for (const name of readdirSync(server.directory)) {
      const bytes = readFileSync(join(server.directory, name));
      const shows = lines.some((line) => bytes.includes(line) || bytes.includes(Buffer.from(line, 'base64')));
      expect({ name, shows }).toEqual({ name, shows: false });
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
