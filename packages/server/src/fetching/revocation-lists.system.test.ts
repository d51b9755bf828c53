import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueCertificate } from '@esplanade/domain/testing/certificates';
import { derOfPem, issueRevocationList } from '@esplanade/domain/testing/revocation-lists';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SpawnedServer, startServer } from '../testing/spawned-server.ts';

const lists = '/api/esplanade/v1/certificate-revocation-lists';
const ca = issueCertificate({ subject: '/CN=coast', isCa: true });
const listOf = (number: number): Uint8Array => derOfPem(issueRevocationList({ issuer: ca, number }));

let served = listOf(1);
const pki = createServer((_, response) => response.end(served));
const directory = mkdtempSync(join(tmpdir(), 'esplanade-system-'));
let server: SpawnedServer | undefined;
let port: number;
beforeAll(async () => {
  pki.listen(0, '127.0.0.1');
  await once(pki, 'listening');
  port = (pki.address() as AddressInfo).port;
});
afterAll(async () => {
  await server?.end('SIGKILL');
  pki.close();
  rmSync(directory, { recursive: true });
});

async function started(...flags: readonly string[]): Promise<SpawnedServer> {
  server = await startServer(['--data-dir', join(directory, 'data'), '--datapath', 'simulated', ...flags]);
  return server;
}

describe('revocation lists of a running server', () => {
  it('are fetched from where it may go, kept over a restart, and fetched again then', async () => {
    const url = `http://127.0.0.1:${port}/coast.crl`;
    const allow = ['--crl-fetch-allow', `127.0.0.1/32=${port}`];
    const first = await started(...allow);
    const certificate = { type: 'server_ca', name: 'coast', public_certificate: ca.certificate };
    expect(await first.ask('POST', '/api/security/certificates', certificate)).toMatchObject({ status: 201 });
    const { body } = await first.ask('GET', '/api/security/certificates?name=coast');
    const { uuid } = body.records[0];
    expect(await first.ask('POST', lists, { certificate: { uuid }, url })).toMatchObject({ status: 201 });
    const list = async (of: SpawnedServer) => (await of.ask('GET', `${lists}/${uuid}?fields=*`)).body;
    const inTime = { timeout: 15_000 };
    await expect.poll(() => list(first), inTime).toMatchObject({ state: 'current', number: '1', url });
    await first.end('SIGKILL');

    // Nothing is allowed now: what was fetched stays.
    const second = await started();
    expect(await list(second)).toMatchObject({ state: 'current', number: '1' });
    await expect
      .poll(() => list(second), inTime)
      .toMatchObject({ last_fetch: { error: expect.stringMatching(/may be fetched from/) } });
    await second.end('SIGTERM');

    served = listOf(2);
    const third = await started(...allow);
    await expect.poll(() => list(third), inTime).toMatchObject({ number: '2' });
    expect(await third.end('SIGTERM')).toMatchObject({ status: 0 });
  });
});
