import { UnavailableError } from '@esplanade/store';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { basic, startTestServer, type TestServer, testPassword } from '../testing/test-server.ts';
import { readAuditText } from './audit-entry.ts';

describe('an audit log that cannot be written', () => {
  let server: TestServer;
  let empty: () => void = () => undefined;
  beforeAll(async () => {
    server = await startTestServer();
    const account = { name: 'watcher', role: { name: 'readonly' }, password: testPassword };
    expect((await server.request('POST', '/api/security/accounts', account)).status).toBe(201);
  });
  beforeEach(() => {
    const { desired } = server.parts;
    const { audit } = desired;
    desired.audit = () => Promise.reject(new UnavailableError('the disk is full'));
    empty = () => {
      desired.audit = audit;
    };
  });
  afterEach(async () => {
    empty();
    // So that each test finds the log as if it had been written all the time.
    await server.request('POST', '/api/svm/svms', {});
  });
  afterAll(() => server.close());

  const watcher = { authorization: basic('watcher', testPassword) };
  const words = /^The audit log cannot be written: the disk is full\./;

  it.each([
    ['changes nothing', 'DELETE', '/api/security/ipsec/policies?name=nobody', undefined, {}],
    ['is refused by validation', 'POST', '/api/svm/svms', {}, {}],
    ['is refused by role', 'POST', '/api/svm/svms', { name: 'svm2' }, watcher],
    ['is too large', 'POST', '/api/svm/svms', Buffer.alloc(1_100_000, 32), {}],
  ])('has a request that %s answered 503', async (_, method, url, body, headers) => {
    const answer = await server.request(method, url, body, headers);
    expect(answer).toMatchObject({ status: 503, body: { error: { code: '65562' } } });
    expect(answer.body.error.message).toMatch(words);
  });

  it('lets those read who may, and refuses those who may not as ever', async () => {
    expect((await server.request('GET', '/api/svm/svms', undefined, watcher)).status).toBe(200);
    const guess = { authorization: basic('watcher', 'a guess') };
    expect((await server.request('GET', '/api/svm/svms', undefined, guess)).status).toBe(401);
  });

  it('is told once with the reason, and with what it lacks when it is written again', async () => {
    const before = server.log.length;
    for (let count = 0; count < 3; count += 1) await server.request('POST', '/api/svm/svms', {});
    const told = (text: string) => server.log.slice(before).filter((line) => line.includes(text));
    expect(told('the audit log cannot be written: the disk is full')).toHaveLength(1);
    expect(told('UnavailableError')).toEqual([]);
    empty();
    expect((await server.request('POST', '/api/svm/svms', {})).status).toBe(400);
    expect(told('the audit log is written again; it lacks 3 entries')).toHaveLength(1);
  });

  const messages = async (after: number) => {
    const entries = await server.parts.desired.readAudit({ after, limit: 100 });
    return entries.map(({ entry }) => readAuditText(entry).message ?? '');
  };
  const lacksThree = expect.stringMatching(
    /^3 entries are missing that could not be written, from 20\S+Z to 20\S+Z$/,
  );

  it('has an entry of those it lacks right after the first that is written again', async () => {
    const { last } = await server.parts.desired.auditHead();
    for (let count = 0; count < 3; count += 1) await server.request('POST', '/api/svm/svms', {});
    expect(await messages(last)).toEqual([]);
    empty();
    await server.request('POST', '/api/svm/svms', {});
    expect(await messages(last)).toEqual([expect.stringContaining('400'), lacksThree]);
  });

  it('has that entry also when the first that is written is that of a change', async () => {
    const { last } = await server.parts.desired.auditHead();
    for (let count = 0; count < 3; count += 1) await server.request('POST', '/api/svm/svms', {});
    empty();
    expect((await server.request('POST', '/api/svm/svms', { name: 'svm9' })).status).toBe(201);
    await expect.poll(() => messages(last)).toEqual(['', lacksThree]);
  });
});
