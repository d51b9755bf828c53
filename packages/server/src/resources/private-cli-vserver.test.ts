import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

const vservers = '/api/private/cli/vserver';
const plain = { accept: 'application/json' };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.request('POST', '/api/svm/svms', { name: 'svm2', comment: 'second floor' });
});
afterAll(() => server.close());

async function read(query: string, headers: Readonly<Record<string, string>> = {}) {
  return (await server.request('GET', `${vservers}?${query}`, undefined, { ...plain, ...headers })).body;
}

describe('vserver show', () => {
  it('shows the SVMs and the cluster, which has no state', async () => {
    const { cluster } = server.parts.desired.snapshot();
    const fields = 'type,subtype,admin_state,operational_state,ipspace,comment';
    const state = { type: 'data', subtype: 'default', admin_state: 'running', operational_state: 'running' };
    expect((await read(`fields=${fields}&order_by=type,vserver`)).records).toEqual([
      { vserver: cluster.name, type: 'admin' },
      { vserver: 'svm1', ...state, ipspace: 'Default' },
      { vserver: 'svm2', ...state, ipspace: 'Default', comment: 'second floor' },
    ]);
  });

  it('has the UUIDs that the SVMs have in REST', async () => {
    const { records } = (await server.request('GET', '/api/svm/svms?name=svm2', undefined, plain)).body;
    expect((await read('vserver=svm2&fields=uuid')).records).toEqual([
      { vserver: 'svm2', uuid: records[0].uuid },
    ]);
  });

  it.each([
    ['type=data', 2],
    ['type=ADMIN', 1],
    ['type=node', 0],
    ['admin-state=running', 2],
    ['admin-state=stopped', 0],
    ['operational-state=!running', 0],
    ['subtype=null', 1],
  ])('is asked for %s', async (query, count) => {
    expect(await read(query)).toMatchObject({ num_records: count });
  });

  it('shows an SVM only itself', async () => {
    expect((await read('', { 'x-dot-svm-name': 'svm1' })).records).toEqual([{ vserver: 'svm1' }]);
  });
});
