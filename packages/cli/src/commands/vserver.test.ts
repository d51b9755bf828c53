import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../testing/test-cluster.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.close());

describe('the cluster, which vserver show lists too', () => {
  it.each([
    'vserver delete esplanade -force',
    'vserver modify esplanade -comment north',
    'vserver rename esplanade -newname north',
  ])('is no SVM: %s says so', async (line) => {
    expect(await cluster.run(line.split(' '))).toMatchObject({
      status: 3,
      notes: 'esplanade: "esplanade" is the cluster, of the type admin, and no SVM.\n',
    });
  });

  it('is not what a slip of the pen is told of', async () => {
    const { status, notes } = await cluster.run(['vserver', 'delete', 'svm', '-force']);
    expect({ status, notes }).toEqual({
      status: 3,
      notes: 'esplanade: There is no Vserver "svm". Did you mean "svm1"?\n',
    });
  });
});
