import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../testing/test-cluster.ts';

describe('lines that come from a file', () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startTestCluster();
  });
  afterAll(() => cluster.close());

  const shell = (...lines: readonly string[]) => cluster.run(['shell'], { input: `${lines.join('\n')}\n` });
  const last = 'vserver show -fields vserver -csv';

  it('are done one after the other, each in the directory where those before have led', async () => {
    expect(await shell('security ipsec', 'policy show -csv -fields name', 'top', last)).toMatchObject({
      status: 0,
      output: expect.stringMatching(/^vserver,name\nvserver\n/),
      notes: '',
    });
  });

  it('are not read where they are too long for anybody to have meant them', async () => {
    expect(await shell('x'.repeat(1_000_000), last)).toMatchObject({
      status: 0,
      output: expect.stringContaining('svm1'),
      notes: 'esplanade: A line of more than 65536 characters is not read.\n',
    });
  });
});
