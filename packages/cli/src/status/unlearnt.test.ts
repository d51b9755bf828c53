import type { Transport } from '@esplanade/sdk';
import { basic } from '@esplanade/server/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandTable } from '../command-table.ts';
import { exitStatus } from '../exit-status.ts';
import { runLine, transportTo } from '../testing/run-line.ts';
import { startTestCluster, type TestCluster } from '../testing/test-cluster.ts';

/** Parts of a server that are answered otherwise. */
type Otherwise = (path: string) => { readonly status: number; readonly body: object } | undefined;

/** `status` at a server of which something is answered otherwise. */
function status(transport: Transport, otherwise: Otherwise = () => undefined, ...words: readonly string[]) {
  return runLine(commandTable, ['status', ...words], {}, async (request) => {
    const { status, body } = otherwise(request.url.pathname) ?? {};
    if (status === undefined) return await transport(request);
    return { status, header: () => undefined, text: JSON.stringify(body) };
  });
}

const nowhere: Transport = async () => ({ status: 404, header: () => undefined, text: '{}' });
const refusing = (status: number) => ({ status, body: { error: { code: '1638', message: 'No.' } } });

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.close());

describe('the exit status of status', () => {
  it('is 4 for an account that may learn nothing of IPsec, and nothing looks well', async () => {
    const password = 'of who lists SVMs';
    await cluster.api
      .collection('/security/roles')
      .create({ name: 'lister', privileges: [{ path: '/api/svm/svms', access: 'readonly' }] });
    await cluster.api.collection('/security/accounts').create({
      name: 'vic',
      role: { name: 'lister' },
      password,
    });
    const asVic: Transport = ({ headers, ...request }) =>
      transportTo(cluster.server)({
        ...request,
        headers: { ...headers, authorization: basic('vic', password) },
      });
    const told = await status(asVic);
    expect(told.status).toBe(exitStatus.notAllowed);
    expect(told.output).toContain('Unknown: IPsec configuration: this account may not read it.');
    expect(told.output).toContain('ERROR   IPsec: This account may read nothing of it.');
    const exact = await status(asVic, undefined, '--json');
    expect(exact.status).toBe(exitStatus.notAllowed);
    const report = JSON.parse(exact.output);
    expect(report).not.toHaveProperty('ready');
    expect(report.attention).toEqual([expect.objectContaining({ severity: 'error', subject: 'IPsec' })]);
  });

  it.each([500, 502, 503])('is 8 where a server answers everything with %i', async (code) => {
    const told = await status(nowhere, () => refusing(code), '--json');
    expect(told.status).toBe(exitStatus.unavailable);
    const report = JSON.parse(told.output);
    expect(report).not.toHaveProperty('ready');
    expect(report.attention).toContainEqual({
      severity: 'error',
      subject: 'IPsec configuration',
      sentence: 'No.',
    });
  });

  it.each(['/api/security/ipsec', '/api/esplanade/v1/policies'])('is 8 where %s fails', async (failing) => {
    const isFailing = (path: string) =>
      path === failing || (failing.endsWith('/policies') && path === '/api/security/ipsec/policies');
    const told = await status(transportTo(cluster.server), (path) =>
      isFailing(path) ? refusing(500) : undefined,
    );
    expect(told.status).toBe(exitStatus.unavailable);
    expect(told.output).toMatch(/^ERROR {3}\S.*: No\.$/m);
  });

  it('is 1 where there is nothing of IPsec at all', async () => {
    const told = await status(nowhere);
    expect(told.status).toBe(exitStatus.failed);
    expect(told.output).toContain('ERROR   IPsec: This server tells nothing of it.');
  });

  it.each(['/api/security/certificates', '/api/security/ipsec/security-associations', '/readyz'])(
    'is 0 where only %s fails, which is told',
    async (failing) => {
      const told = await status(transportTo(cluster.server), (path) =>
        path === failing ? refusing(500) : undefined,
      );
      expect(told.status).toBe(exitStatus.done);
      expect(told.output).toMatch(/^ERROR {3}\S.*: No\.$/m);
    },
  );
});

describe('a record that lacks fields', () => {
  it('has nothing made up for it', async () => {
    const told = await status(nowhere, (path) => ({
      status: 200,
      body: path === '/api/security/ipsec' || path === '/readyz' ? {} : { records: [{}], num_records: 1 },
    }));
    expect(told.output).not.toMatch(/undefined|NaN|\[object|0 s/);
    expect(told.output).toContain('Unknown: IPsec configuration: this server does not tell.');
    expect(told.output).toContain('Certificate without a name: It expires soon.');
    expect(told.output).not.toContain('IPsec: disabled');
  });
});
