import type { Transport } from '@esplanade/sdk';
import { goodPolicy, startTestServer, type TestServer } from '@esplanade/server/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandTable } from '../command-table.ts';
import { exitStatus } from '../exit-status.ts';
import { lineRunner, runLine } from '../testing/run-line.ts';

let server: TestServer;
let esplanade: ReturnType<typeof lineRunner>;
beforeAll(async () => {
  server = await startTestServer();
  esplanade = lineRunner(commandTable, server);
  await server.request('PATCH', '/api/security/ipsec', { enabled: true });
  await server.request('POST', '/api/security/ipsec/policies', goodPolicy);
});
afterAll(() => server.close());

/** What a line shows that ends well. */
async function shown(line: string, input = ''): Promise<string> {
  const { status, output, notes } = await esplanade(line.split(' '), { input });
  expect({ status, notes }).toEqual({ status: 0, notes: '' });
  return output;
}

describe('simulator commands', () => {
  it('bring SAs up, rekey them and end them', async () => {
    await expect.poll(() => shown('simulator peer show')).toMatch(/192\.0\.2\.2 +1 +1/);
    expect(await shown('sim up nfs -vserver svm1')).toBe('Policy "nfs" has 2 CHILD SAs now.\n');
    expect(await shown('sim rekey nfs')).toBe('Policy "nfs" has 2 CHILD SAs now.\n');
    expect(await shown('sim down -policy-name nfs')).toBe('Policy "nfs" has 0 CHILD SAs now.\n');
    expect(await esplanade(['simulator', 'rekey', 'nfs'])).toMatchObject({
      status: 5,
      notes: expect.stringContaining('Policy "nfs" has no SA. Bring one up first.'),
    });
    expect(await esplanade(['simulator', 'up', 'nobody'])).toMatchObject({
      status: 3,
      notes: expect.stringContaining('-policy-name: There is no policy "nobody"'),
    });
    const answered = JSON.parse(await shown('simulator up nfs --json'));
    expect(JSON.stringify(answered)).toContain('"security_associations":{"count":1}');
    await shown('simulator down nfs');
  });

  it('know a policy by its UUID, by its SVM, and by the cluster where it belongs to none', async () => {
    const [{ uuid }] = JSON.parse(await shown('security ipsec state show nfs -fields uuid --json'));
    expect(await shown(`simulator down -policy-uuid ${uuid}`)).toBe('Policy "nfs" has 0 CHILD SAs now.\n');
    const ofCluster = { ...goodPolicy, svm: undefined, scope: 'cluster', action: 'bypass' };
    const { headers } = await server.request('POST', '/api/security/ipsec/policies', ofCluster);
    expect(await esplanade(['simulator', 'up', 'nfs'])).toMatchObject({
      status: exitStatus.invalid,
      notes: expect.stringContaining('2 policies are called "nfs"'),
    });
    expect(await esplanade(['simulator', 'up', 'nfs', '-vserver', 'esplanade'])).toMatchObject({
      status: 5,
      notes: expect.stringContaining('its action is bypass'),
    });
    expect(await shown('simulator up nfs -vserver svm1')).toBe('Policy "nfs" has 1 CHILD SA now.\n');
    await server.request('DELETE', headers['location'] ?? '');
  });

  it('let things go wrong and mend them', async () => {
    await shown('simulator fault create authentication-failed -remote-address 192.0.2.2');
    expect(await shown('simulator fault show')).toMatch(/authentication-failed +Default +192\.0\.2\.2/);
    expect(await shown('simulator peer show -fault authentication-failed')).toContain('192.0.2.2');
    expect(await esplanade(['simulator', 'up', 'nfs'])).toMatchObject({
      status: 5,
      notes: expect.stringMatching(/the peer refused our authentication .*"simulator fault show" tells/),
    });
    expect(await shown('simulator fault delete authentication-failed')).toContain('authentication-failed');
    expect(await shown('simulator fault show')).toContain('empty');
    expect(await shown('simulator peer show -fields child-sas')).toMatch(/192\.0\.2\.2 +1\n/);
  });

  it('set the clock, give other SAs, and put everything back', async () => {
    await shown('simulator modify -clock-ahead 7200 -clock-running false');
    expect(await shown('simulator show')).toMatch(/Clock Ahead: (2 h|1 h 59 m).*\n *Clock Running: false\n/);
    await shown('simulator modify -seed -', '{"security_associations": [{"uuid": "seeded", "type": "ike"}]}');
    expect(await shown('simulator show')).toMatch(/Seeded SAs: 1\n/);
    await shown('simulator modify -seed -', '[]');
    await shown('simulator reset');
    expect(await shown('simulator show')).toMatch(/Clock Running: true\n *Seeded SAs: 0\n/);
  });

  it('end as with any value that is refused where a seed is too large', async () => {
    const text = JSON.stringify({ error: { code: '262248', message: 'The body is too large' } });
    const tooLarge: Transport = async () => ({ status: 413, header: () => undefined, text });
    const words = ['simulator', 'modify', '-seed', '-'];
    const { status } = await runLine(commandTable, words, { input: '[]' }, tooLarge);
    expect(status).toBe(exitStatus.invalid);
  });

  it.each([
    ['simulator up', '', 'Missing: POLICY-NAME, or -policy-uuid.'],
    ['simulator modify', '', 'There is nothing to modify'],
    ['simulator modify -seed -', '{', '-seed is not JSON'],
    ['simulator modify -seed -', '{}', '-seed has no "security_associations"'],
    ['simulator fault create thunder', '', '-kind is one of unreachable'],
  ])('say what is wrong: %s', async (line, input, sentence) => {
    const { status, notes } = await esplanade(line.split(' '), { input });
    expect({ status, notes }).toEqual({ status: 2, notes: expect.stringContaining(sentence) });
  });
});
