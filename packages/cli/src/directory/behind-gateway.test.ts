import type { ApiResponse, Transport } from '@esplanade/sdk';
import { goodPolicy } from '@esplanade/server/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandTable } from '../command-table.ts';
import { runLine, transportTo } from '../testing/run-line.ts';
import { startTestCluster, type TestCluster } from '../testing/test-cluster.ts';

const doubt = 'may have been done all the same: look before you repeat it.';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
  const policies = cluster.api.collection('/security/ipsec/policies');
  for (const name of ['a', 'b']) {
    const address = `192.0.2.${name === 'a' ? 20 : 21}`;
    await policies.create({ ...goodPolicy, name, remote_endpoint: { address, netmask: '32' } });
  }
});
afterAll(() => cluster.close());

/** A gateway that says this of every change. */
function behind(answer: ApiResponse): Transport {
  const transport = transportTo(cluster.server);
  return async (request) => (request.method === 'GET' ? transport(request) : answer);
}

const page = (status: number): ApiResponse => ({
  status,
  header: () => undefined,
  text: `<html>${status}</html>`,
});

describe.each([502, 504])('a change that a gateway answers with %i', (status) => {
  it('may have been done', async () => {
    const line = ['security', 'ipsec', 'policy', 'modify', 'svm1', 'a', '-is-enabled', 'false'];
    const { status: ended, notes } = await runLine(commandTable, line, {}, behind(page(status)));
    expect(ended).toBe(8);
    expect(notes).toContain(`It ${doubt}`);
  });

  it('may have been done to any of several', async () => {
    const line = ['security', 'ipsec', 'policy', 'modify', '*', '-is-enabled', 'false', '-force'];
    const { status: ended, notes } = await runLine(commandTable, line, {}, behind(page(status)));
    expect(ended).toBe(8);
    expect(notes).toMatch(
      /Some of these may have been modified all the same: look before you repeat it\.\n$/,
    );
  });
});

it('a change whose end a server did not hear of may have been done', async () => {
  const error = { code: '990003', message: 'The answer took too long.' };
  const text = JSON.stringify({ error });
  const line = ['security', 'ipsec', 'policy', 'modify', 'svm1', 'a', '-is-enabled', 'false'];
  const gateway = behind({ status: 504, header: () => undefined, text });
  expect((await runLine(commandTable, line, {}, gateway)).notes).toContain(`It ${doubt}`);
});

it('a question that a gateway answers with 504 did nothing', async () => {
  const { notes } = await runLine(commandTable, ['security', 'ipsec', 'policy', 'show'], {}, async () =>
    page(504),
  );
  expect(notes).toContain('504');
  expect(notes).not.toContain(doubt);
});

it('who is sent elsewhere is told where to', async () => {
  const header = (name: string) => (name === 'location' ? 'https://cluster1/sysmgr\nx' : undefined);
  const { notes } = await runLine(commandTable, ['security', 'ipsec', 'policy', 'show'], {}, async () => ({
    status: 302,
    header,
    text: '',
  }));
  expect(notes).toContain('302, which leads to https://cluster1/sysmgr\\nx.');
});
