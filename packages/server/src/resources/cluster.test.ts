import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer('--ontap-version', '9.16.1', '--node-name', 'node7');
});
afterAll(() => server.close());

describe('the cluster and its node', () => {
  it('tell the release they emulate and who they are', async () => {
    const { body } = await server.request('GET', '/api/cluster?fields=version');
    expect(body.version).toEqual({
      full: expect.stringMatching(/^Esplanade .*9\.16\.1$/),
      generation: 9,
      major: 16,
      minor: 1,
    });
    const nodes = await server.request('GET', '/api/cluster/nodes?fields=*');
    expect(nodes.body.records).toMatchObject([
      {
        name: 'node7',
        state: 'up',
        membership: 'available',
        version: { major: 16 },
        uptime: expect.any(Number),
      },
    ]);
    expect(await server.request('GET', `/api/cluster/nodes/${nodes.body.records[0].uuid}`)).toMatchObject({
      status: 200,
    });
    expect(await server.request('GET', '/api/cluster/nodes/nothing')).toMatchObject({ status: 404 });
  });
});

describe('jobs', () => {
  it('there are none, and none of any UUID', async () => {
    const { status, body } = await server.request('GET', '/api/cluster/jobs?state=running&fields=*');
    expect({ status, body }).toMatchObject({ status: 200, body: { records: [], num_records: 0 } });
    const answer = await server.request('GET', '/api/cluster/jobs/1f0cbd2e-6ed6-4ff3-9b2f-8c1f86d4f001');
    expect(answer).toMatchObject({
      status: 404,
      body: { error: { code: '4', message: "entry doesn't exist", target: 'uuid' } },
    });
  });

  it('have every field that clients poll for', async () => {
    const fields = 'state,message,code,error,description,start_time,end_time,node,svm';
    expect((await server.request('GET', `/api/cluster/jobs?fields=${fields}`)).status).toBe(200);
  });
});
