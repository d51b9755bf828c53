import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goodPolicy, startTestServer, type TestServer } from '../testing/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer('--ontap-version', '9.16.1', '--node-name', 'node7');
});
afterAll(() => server.close());

async function create(path: string, body: object): Promise<string> {
  const { status, headers, text } = await server.request('POST', path, body);
  expect({ status, text }).toMatchObject({ status: 201 });
  return headers['location'] ?? '';
}

describe('SVMs', () => {
  it('begin with svm1 in Default', async () => {
    const { body } = await server.request('GET', '/api/svm/svms?fields=*');
    expect(body.records).toMatchObject([{ name: 'svm1', state: 'running', ipspace: { name: 'Default' } }]);
  });

  it('are made in an IPspace, hold it, and go', async () => {
    const ipspace = await create('/api/network/ipspaces', { name: 'red' });
    const svm = await create('/api/svm/svms', { name: 'svm2', 'ipspace.name': 'red' });
    expect((await server.request('GET', svm)).body).toMatchObject({ name: 'svm2', ipspace: { name: 'red' } });
    expect(await server.request('DELETE', ipspace)).toMatchObject({
      status: 409,
      body: { error: { code: '8' } },
    });
    expect(await server.request('DELETE', svm)).toMatchObject({ status: 200 });
    expect(await server.request('DELETE', ipspace)).toMatchObject({ status: 200 });
    expect(await server.request('GET', svm)).toMatchObject({ status: 404 });
  });

  it.each([
    [{}, 400, '262278', 'name'],
    [{ name: '-x' }, 400, '262197', 'name'],
    [{ name: 'a/b' }, 400, '262197', 'name'],
    [{ name: 'svm1' }, 409, '1', 'name'],
    [{ name: 'new', ipspace: { name: 'nowhere' } }, 400, '262197', 'ipspace.name'],
  ])('are refused as %j', async (body, status, code, target) => {
    const answer = await server.request('POST', '/api/svm/svms', body);
    expect(answer).toMatchObject({ status, body: { error: { code, target } } });
  });

  it('have a comment that can be changed and taken away', async () => {
    const svm = await create('/api/svm/svms', { name: 'told', comment: 'first floor' });
    const shown = async () => (await server.request('GET', svm)).body.comment;
    expect(await shown()).toBe('first floor');
    expect((await server.request('PATCH', svm, { comment: 'second floor' })).status).toBe(200);
    expect(await shown()).toBe('second floor');
    expect((await server.request('PATCH', svm, {})).status).toBe(200);
    expect(await shown()).toBe('second floor');
    for (const none of [null, '']) {
      await server.request('PATCH', svm, { comment: 'again' });
      await server.request('PATCH', svm, { comment: none });
      expect(await shown()).toBeUndefined();
    }
    expect((await server.request('DELETE', svm)).status).toBe(200);
  });

  it.each([
    ['an interface', '/api/network/ip/interfaces', { name: 'its', ip: { address: '192.0.2.66' } }],
    ['a certificate', '/api/security/certificates', { name: 'its', type: 'root_ca', common_name: 'its' }],
    ['a policy', '/api/security/ipsec/policies', { ...goodPolicy, name: 'its' }],
  ])('do not go while %s is theirs', async (_, path, body) => {
    const svm = await create('/api/svm/svms', { name: 'busy' });
    const child = await create(path, { ...body, svm: { name: 'busy' } });
    expect(await server.request('DELETE', svm)).toMatchObject({
      status: 409,
      body: { error: { code: '8', message: expect.stringContaining('its') } },
    });
    expect((await server.request('DELETE', child)).status).toBe(200);
    expect((await server.request('DELETE', svm)).status).toBe(200);
  });

  it.each([
    [{ comment: 'x'.repeat(256) }, '262197', 'comment'],
    [{ comment: ['x'] }, '262255', 'comment'],
    [{ name: '-x' }, '262197', 'name'],
    [{ name: null }, '262278', 'name'],
    [{ ipspace: { name: 'Default' } }, '262196', 'ipspace.name'],
    [{ aggregates: [] }, '262179', 'aggregates'],
  ])('are not changed by %j', async (body, code, target) => {
    const { body: found } = await server.request('GET', '/api/svm/svms?name=svm1');
    const answer = await server.request('PATCH', `/api/svm/svms/${found.records[0].uuid}`, body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code, target } } });
  });

  it('are not for tunnelled requests to make', async () => {
    const headers = { 'x-dot-svm-name': 'svm1' };
    for (const path of ['/api/svm/svms', '/api/network/ipspaces'])
      expect(await server.request('POST', path, { name: 'other' }, headers)).toMatchObject({
        status: 403,
        body: { error: { code: '6' } },
      });
    expect((await server.request('PATCH', '/api/security/ipsec', { enabled: true }, headers)).status).toBe(
      403,
    );
  });
});
